"""A job as an Open RenderJob Description template: one step a pass, chunks of frames, each task a `stylize worker`.

Follows the specification `jobtemplate-2023-09` with the extension TASK_CHUNKING, or without it for schedulers that
lack it. A scheduler may cut the chunks as it likes: frames do not depend on where they begin.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from stylize.farm.job_access import ENCODE, draws_on_cuda, final_passes, memory_bytes, passes_of
from stylize.jobs.job import RenderJob
from stylize.jobs.manifest import job_fingerprint

MAX_TASKS = 1024
"""How many values a task parameter may list."""
MIB = 1 << 20
CANCEL_NOTICE_S = 120
"""How long a task may go on with the frame that it is making when its job is cancelled."""
ENCODE_TIMEOUT_S = 6 * 3600


@dataclass(frozen=True)
class Export:
    """How a job becomes tasks.

    Attributes:
        chunk_size: how many frames one task makes.
        frame_timeout_s: a task is ended after so many seconds for each of its frames.
        cpus: how many processors a task asks for.
        chunking: use the extension TASK_CHUNKING; without it, tasks are listed one by one.
    """

    chunk_size: int = 16
    frame_timeout_s: int = 600
    cpus: int = 1
    chunking: bool = True


def template(job: RenderJob, export: Export) -> dict[str, Any]:
    """The job template, as tables that JSON can hold."""
    made = {
        "specificationVersion": "jobtemplate-2023-09",
        "name": job.film.path.name[:64],
        "parameterDefinitions": _parameters(export),
        "steps": [*(_pass_step(job, name, export) for name in job.pass_names), _film_step(job, export)],
    }
    return {**made, "extensions": ["TASK_CHUNKING"]} if export.chunking else made


def _parameters(export: Export) -> list[dict[str, Any]]:
    chunk = {
        "name": "ChunkSize",
        "type": "INT",
        "default": export.chunk_size,
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


def _pass_step(job: RenderJob, name: str, export: Export) -> dict[str, Any]:
    """A pass: tasks that make a chunk of its frames each, once the passes that it reads are complete."""
    size = _chunk_size(job, export)
    frames = "{{Task.Param.Frames}}" if export.chunking else "{{Task.Param.Start}}-{{Task.Param.End}}"
    made: dict[str, Any] = {
        "name": name,
        "parameterSpace": _chunks(job) if export.chunking else _listed_chunks(job, size),
        "hostRequirements": {"amounts": _amounts(job, name, export)},
        "script": _script(job, name, frames, timeout_s=export.frame_timeout_s * size),
    }
    reads = dict.fromkeys(read for each in passes_of(job, name) for read in each.reads_passes)
    return {**made, "dependencies": [{"dependsOn": each} for each in reads]} if reads else made


def _film_step(job: RenderJob, export: Export) -> dict[str, Any]:
    finals = dict.fromkeys(each.name for each in final_passes(job))
    return {
        "name": ENCODE,
        "dependencies": [{"dependsOn": name} for name in finals],
        "hostRequirements": {"amounts": [{"name": "amount.worker.vcpu", "min": export.cpus}]},
        "script": _script(job, ENCODE, "all", timeout_s=ENCODE_TIMEOUT_S),
    }


def _script(job: RenderJob, name: str, frames: str, timeout_s: int) -> dict[str, Any]:
    task = ["worker", name, frames, "{{Param.RunDir}}", "--expect", job_fingerprint(job), "--openjd"]
    return {
        "actions": {
            "onRun": {
                "command": "{{Param.Stylize}}",
                "args": [*task, "--path-mapping-rules", "{{Session.PathMappingRulesFile}}"],
                "timeout": timeout_s,
                "cancelation": {
                    "mode": "NOTIFY_THEN_TERMINATE",
                    "notifyPeriodInSeconds": CANCEL_NOTICE_S,
                },
            }
        }
    }


def _chunks(job: RenderJob) -> dict[str, Any]:
    """The frames, for the scheduler to cut into chunks."""
    first, last = _first_and_last(job)
    chunks = {"defaultTaskCount": "{{Param.ChunkSize}}", "rangeConstraint": "CONTIGUOUS"}
    frames = {"name": "Frames", "type": "CHUNK[INT]", "range": f"{first}-{last}", "chunks": chunks}
    return {"taskParameterDefinitions": [frames]}


def _listed_chunks(job: RenderJob, size: int) -> dict[str, Any]:
    """The chunks, each with its first and its last frame."""
    first, last = _first_and_last(job)
    starts = list(range(first, last + 1, size))
    ends = [min(start + size - 1, last) for start in starts]
    return {
        "taskParameterDefinitions": [
            {"name": "Start", "type": "INT", "range": starts},
            {"name": "End", "type": "INT", "range": ends},
        ],
        "combination": "(Start, End)",
    }


def _first_and_last(job: RenderJob) -> tuple[int, int]:
    """The first and the last frame by their own numbers. All between are named, whether drawn or held: a scheduler
    cuts a range with holes at every one of them."""
    first = job.clip.first_number or 0
    return job.span.start + first, job.span.stop - 1 + first


def _chunk_size(job: RenderJob, export: Export) -> int:
    return export.chunk_size if export.chunking else max(export.chunk_size, -(-len(job.span) // MAX_TASKS))


def _amounts(job: RenderJob, name: str, export: Export) -> list[dict[str, Any]]:
    """What a task asks of its host: memory by the plan's own estimate, and a GPU for the passes that use one."""
    amounts: list[dict[str, Any]] = [{"name": "amount.worker.vcpu", "min": export.cpus}]
    estimate = memory_bytes(job)
    if estimate is not None:
        memory = -(-estimate // MIB)
        amounts.append({"name": "amount.worker.memory", "min": memory})
        if draws_on_cuda(job, name):
            amounts.append({"name": "amount.worker.gpu", "min": 1})
            amounts.append({"name": "amount.worker.gpu.memory", "min": memory})
    return amounts
