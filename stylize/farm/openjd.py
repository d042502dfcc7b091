"""A job as an Open Job Description template: one step a pass, chunks of frames, each task a `stylize worker`.

Follows the specification `jobtemplate-2023-09` with the extension TASK_CHUNKING, or without it for schedulers that
lack it. A scheduler cuts the chunks as it likes: no frame hangs on where they begin.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from stylize.farm.lanes import ENCODE
from stylize.jobs.job import Job, pass_names, steps_of
from stylize.jobs.manifest import job_fingerprint

MOST_TASKS = 1024
"""Values that a task parameter may list."""
MIB = 1 << 20
NOTICE_S = 120
"""How long a task may go on with the frame in flight when its job is cancelled."""
ENCODE_S = 6 * 3600


@dataclass(frozen=True)
class Export:
    """How a job is laid out.

    `chunk` is the frames of a task, `frame_s` after how many seconds a frame a task is ended. Where `chunking` is
    false, the tasks are listed one by one.
    """

    chunk: int = 16
    frame_s: int = 600
    cpus: int = 1
    chunking: bool = True


def template(job: Job, export: Export) -> dict[str, Any]:
    """The job template, as JSON can say it."""
    made = {
        "specificationVersion": "jobtemplate-2023-09",
        "name": job.out.name[:64],
        "parameterDefinitions": _parameters(job, export),
        "steps": [*(_step(job, name, export) for name in pass_names(job)), _film(job, export)],
    }
    return {**made, "extensions": ["TASK_CHUNKING"]} if export.chunking else made


def _parameters(job: Job, export: Export) -> list[dict[str, Any]]:
    chunk = {
        "name": "ChunkSize",
        "type": "INT",
        "default": export.chunk,
        "minValue": 1,
        "description": "Frames a task makes.",
    }
    return [
        {
            "name": "RunDir",
            "type": "PATH",
            "objectType": "DIRECTORY",
            "dataFlow": "INOUT",
            "description": "The run folder, where frames are kept; every worker must see it.",
        },
        {
            "name": "Stylize",
            "type": "STRING",
            "default": "stylize",
            "description": "The program, as the workers' machines know it.",
        },
        *([chunk] if export.chunking else []),
    ]


def _step(job: Job, name: str, export: Export) -> dict[str, Any]:
    size = _chunk_size(job, export)
    made: dict[str, Any] = {
        "name": name,
        "parameterSpace": _chunked(job) if export.chunking else _listed(job, size),
        "hostRequirements": {"amounts": _amounts(job, name, export)},
        "script": _script(job, name, export, "{{Task.Param.Frames}}", timeout=export.frame_s * size),
    }
    if not export.chunking:
        frames = "{{Task.Param.Start}}-{{Task.Param.End}}"
        made["script"] = _script(job, name, export, frames, timeout=export.frame_s * size)
    needs = _needs(job, name)
    return {**made, "dependencies": [{"dependsOn": each} for each in needs]} if needs else made


def _film(job: Job, export: Export) -> dict[str, Any]:
    lasts = dict.fromkeys(part.steps[-1].name for part in job.parts)
    return {
        "name": ENCODE,
        "dependencies": [{"dependsOn": name} for name in lasts],
        "hostRequirements": {"amounts": [{"name": "amount.worker.vcpu", "min": export.cpus}]},
        "script": _script(job, ENCODE, export, "all", timeout=ENCODE_S),
    }


def _script(job: Job, name: str, export: Export, frames: str, timeout: int) -> dict[str, Any]:
    words = ["worker", name, frames, "{{Param.RunDir}}", "--expect", job_fingerprint(job), "--openjd"]
    return {
        "actions": {
            "onRun": {
                "command": "{{Param.Stylize}}",
                "args": [*words, "--path-mapping-rules", "{{Session.PathMappingRulesFile}}"],
                "timeout": timeout,
                "cancelation": {"mode": "NOTIFY_THEN_TERMINATE", "notifyPeriodInSeconds": NOTICE_S},
            }
        }
    }


def _chunked(job: Job) -> dict[str, Any]:
    first, last = _ends(job)
    chunks = {"defaultTaskCount": "{{Param.ChunkSize}}", "rangeConstraint": "CONTIGUOUS"}
    frames = {"name": "Frames", "type": "CHUNK[INT]", "range": f"{first}-{last}", "chunks": chunks}
    return {"taskParameterDefinitions": [frames]}


def _listed(job: Job, size: int) -> dict[str, Any]:
    first, last = _ends(job)
    starts = list(range(first, last + 1, size))
    ends = [min(start + size - 1, last) for start in starts]
    return {
        "taskParameterDefinitions": [
            {"name": "Start", "type": "INT", "range": starts},
            {"name": "End", "type": "INT", "range": ends},
        ],
        "combination": "(Start, End)",
    }


def _ends(job: Job) -> tuple[int, int]:
    """The first and the last frame by their own numbers. All between are named, whether drawn or held: a range with
    holes would be cut at every one of them."""
    first = job.clip.first_number or 0
    return job.span.start + first, job.span.stop - 1 + first


def _chunk_size(job: Job, export: Export) -> int:
    return export.chunk if export.chunking else max(export.chunk, -(-len(job.span) // MOST_TASKS))


def _needs(job: Job, name: str) -> list[str]:
    """The passes that must be complete before this one begins."""
    found: dict[str, None] = {}
    for part, step in steps_of(job, name):
        there = {each.name for each in part.steps}
        wanted = [*step.needs, *(["subject"] if step.sees_plate else [])]
        found.update(dict.fromkeys(each for each in wanted if each in there))
    return list(found)


def _amounts(job: Job, name: str, export: Export) -> list[dict[str, Any]]:
    """What a task takes, by the plan's own reckoning; a GPU for the passes that draw, where one is asked for."""
    amounts: list[dict[str, Any]] = [{"name": "amount.worker.vcpu", "min": export.cpus}]
    costs = [part.cost.memory_bytes for part in job.parts if hasattr(part, "cost")]
    if costs:
        memory = -(-max(costs) // MIB)
        amounts.append({"name": "amount.worker.memory", "min": memory})
        looks = [getattr(step, "look", None) for _, step in steps_of(job, name)]
        if any(config is not None and config.device.startswith("cuda") for config in looks):
            amounts.append({"name": "amount.worker.gpu", "min": 1})
            amounts.append({"name": "amount.worker.gpu.memory", "min": memory})
    return amounts
