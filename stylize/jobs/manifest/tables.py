"""Jobs as tables that JSON can hold, and back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from stylize.comp.mattes.output import Output
from stylize.config.resolved import ResolvedConfig
from stylize.errors import UsageError
from stylize.footage.cadence import ExposureSheet
from stylize.footage.clip import Clip, Shot
from stylize.jobs.finished import FinishedPlan, Reading, finished_steps
from stylize.jobs.plan import Plan, all_steps, plan_scene
from stylize.jobs.spliced import SplicedPlan
from stylize.storage.place import Place

if TYPE_CHECKING:
    from stylize.jobs.job import Job


def table_of(job: Job) -> dict[str, Any]:
    """A job as a table."""
    if isinstance(job, SplicedPlan):
        return {"kind": "spliced", "parts": [table_of(part) for part in job.parts]}
    if isinstance(job, Plan):
        return {
            "kind": "plan",
            **_common(job),
            "source": job.source,
            "look": _absolute_look(job.config).model_dump(mode="json"),
            "facts": _dump(type(job.facts), replace(job.facts, place=_absolute(job.facts.place))),
            "working_size": list(job.working_size),
            "comp": job.comp and str(job.comp.scene.file.absolute()),
            "foreground": job.foreground
            and _dump(Output, replace(job.foreground, path=job.foreground.path.absolute())),
        }
    if isinstance(job, FinishedPlan):
        return {
            "kind": "finished",
            **_common(job),
            "stylized": _reading(job.stylized),
            "plate": _reading(job.source),
            "strength": job.strength,
            "repair": job.repair,
        }
    raise TypeError(f"{type(job).__name__} cannot be written down.")


def job_from(table: dict[str, Any], run_dir: Place) -> Job:
    """The job of a table, whose run folder lies there.

    Raises:
        UsageError: this version knows no such job.
    """
    kinds: dict[str, Callable[[dict[str, Any], Place], Job]] = {
        "plan": _plan,
        "finished": _finished,
        "spliced": _spliced,
    }
    if table["kind"] not in kinds:
        raise UsageError(
            f"The run's record holds a job of an unknown kind, {table['kind']!r}.", where=run_dir
        )
    return kinds[table["kind"]](table, run_dir)


def _plan(table: dict[str, Any], run_dir: Place) -> Plan:
    from stylize.diffusion.checkpoint_info import CheckpointInfo

    facts: CheckpointInfo = _load(CheckpointInfo, table["facts"])
    known = _known(table)
    config = ResolvedConfig.model_validate(table["look"])
    size = (table["working_size"][0], table["working_size"][1])
    scene = table["comp"] and Path(table["comp"])
    comp = plan_scene(scene, known["clip"], known["shots"], table["source"], run_dir)
    return Plan(
        **known,
        source=table["source"],
        config=config,
        facts=facts,
        run_dir=run_dir,
        working_size=size,
        steps=all_steps(config, facts, size, known["sheet"], comp, known["clip"]),
        comp=comp,
        foreground=table["foreground"] and _load(Output, table["foreground"]),
    )


def _finished(table: dict[str, Any], run_dir: Place) -> FinishedPlan:
    known = _known(table)
    drawn, plate = (
        Reading(_load(Clip, each["clip"]), each["first"], (each["size"][0], each["size"][1]))
        for each in (table["stylized"], table["plate"])
    )
    return FinishedPlan(
        **known,
        stylized=drawn,
        source=plate,
        run_dir=run_dir,
        steps=finished_steps(table["strength"], table["repair"], drawn.size),
        strength=table["strength"],
        repair=table["repair"],
    )


def _spliced(table: dict[str, Any], run_dir: Place) -> SplicedPlan:
    return SplicedPlan(tuple(_plan(each, run_dir) for each in table["parts"]))


def _common(job: Plan | FinishedPlan) -> dict[str, Any]:
    return {
        "clip": _dump(Clip, _absolute_clip(job.clip)),
        "span": [job.span.start, job.span.stop],
        "shots": [[shot.start, shot.end] for shot in job.shots],
        "sheet": _dump(ExposureSheet, job.sheet),
        "out": str(job.out.absolute()),
        "format": job.format,
        "audio": job.audio,
        "fingerprints": job.fingerprints,
    }


def _known(table: dict[str, Any]) -> dict[str, Any]:
    """The fields that every plan has, as the dataclasses want them."""
    return {
        "clip": _load(Clip, table["clip"]),
        "span": range(*table["span"]),
        "shots": tuple(Shot(start, end) for start, end in table["shots"]),
        "sheet": _load(ExposureSheet, table["sheet"]),
        "out": Path(table["out"]),
        "format": table["format"],
        "audio": table["audio"],
        "fingerprints": table["fingerprints"],
    }


def _reading(reading: Reading) -> dict[str, Any]:
    return {
        "clip": _dump(Clip, _absolute_clip(reading.clip)),
        "first": reading.first,
        "size": list(reading.size),
    }


def _absolute_clip(clip: Clip) -> Clip:
    return replace(clip, path=clip.path.absolute())


def _absolute_look(config: ResolvedConfig) -> ResolvedConfig:
    controls = tuple(
        control.model_copy(update={"model": control.model and _absolute(control.model)})
        for control in config.controls
    )
    loras = tuple(lora.model_copy(update={"file": _absolute(lora.file)}) for lora in config.loras)
    known = {"checkpoint": _absolute(config.checkpoint), "controls": controls, "loras": loras}
    annotators = config.annotators and config.annotators.absolute()
    return config.model_copy(update={**known, "annotators": annotators})


def _absolute(name: str) -> str:
    """A file or folder by its absolute path; anything else (a hub id) as it is."""
    path = Path(name).expanduser()
    return str(path.absolute()) if path.exists() else name


@cache
def _adapter(kind: type) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _dump(kind: type, value: Any) -> Any:
    return _adapter(kind).dump_python(value, mode="json")


def _load(kind: type, value: Any) -> Any:
    return _adapter(kind).validate_python(value)
