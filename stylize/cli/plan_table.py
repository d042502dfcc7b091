"""A plan as a table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from stylize.cli.as_json import as_json
from stylize.cli.plan_facts import describe_clip, describe_drawings, describe_scene
from stylize.cli.terminal import Terminal
from stylize.cli.units import spell_bytes, spell_seconds

if TYPE_CHECKING:
    from stylize.jobs.job import RenderJob, Segment


def show_plan(job: RenderJob, terminal: Terminal, *, taken: bool) -> None:
    """Prints the plan as tables.

    Args:
        taken: the output's name exists already.
    """
    from rich.table import Table

    facts = Table(box=None, show_header=False, pad_edge=False)
    facts.add_column(no_wrap=True, style="bold")
    facts.add_column(overflow="fold")
    for name, value in _facts(job, taken=taken):
        facts.add_row(name, _plain(value))
    terminal.table(facts)
    terminal.result("")
    passes = Table(box=None, pad_edge=False)
    for name in ("pass", "size", "frames", "done", "left"):
        passes.add_column(name, justify="left" if name == "pass" else "right", no_wrap=True)
    for each in map(job.progress, job.pass_names):
        size = "x".join(str(side) for side in each.size)
        passes.add_row(each.name, size, *(str(n) for n in (each.frames, each.done, each.frames - each.done)))
    terminal.table(passes)
    terminal.result("")
    costs = Table(box=None, show_header=False, pad_edge=False)
    costs.add_column(no_wrap=True, style="bold")
    costs.add_column(no_wrap=True)
    for name, value in _costs(job):
        costs.add_row(name, value)
    terminal.table(costs)


def _facts(job: RenderJob, *, taken: bool) -> list[tuple[str, str]]:
    clip = job.clip
    where = f"{job.film.path} ({job.film.format})"
    rows = [
        ("clip", f"{clip.path}: {describe_clip(clip)}"),
        *(("note", note) for note in job.notes),
        ("frames", f"{job.span.start} to {job.span.stop} ({len(job.span)} frames)"),
        ("shots", f"{len(job.shots)}"),
        *(row for segment in job.segments for row in _segment_facts(segment)),
        ("output", f"{where}, which exists: add -y to replace it" if taken else where),
        ("frames kept in", str(job.run_dir)),
    ]
    return rows


def _segment_facts(segment: Segment) -> list[tuple[str, str]]:
    from stylize.jobs.specs import DrawingSpec

    rows = [
        ("drawings", describe_drawings(segment.sheet)),
        *(("comp", line) for line in describe_scene(segment)),
    ]
    if isinstance(segment.spec, DrawingSpec):
        rows += [(name, _spell(value)) for name, value in _config_rows(segment.spec.config)]
        rows.append(("drawn at", "x".join(str(side) for side in segment.spec.working_size)))
    return rows


def _config_rows(config: Any) -> list[tuple[str, Any]]:
    return [
        (name.replace("_", " "), value)
        for name, value in as_json(config).items()
        if value not in (None, "", [], {})
    ]


def _spell(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_spell(each)}" for key, each in value.items() if each is not None)
    if isinstance(value, list):
        return "; ".join(_spell(each) for each in value)
    return str(value)


def _costs(job: RenderJob) -> list[tuple[str, str]]:
    """What the run takes, beside what this machine has."""
    from stylize.jobs.cost import cost_of
    from stylize.jobs.specs import DrawingSpec
    from stylize.system.machine import read_memory

    cost, memory = cost_of(job), read_memory()
    specs = [segment.spec for segment in job.segments if isinstance(segment.spec, DrawingSpec)]
    devices = {f"{spec.config.device}, {spec.config.precision}" for spec in specs}
    on_cpu = all(spec.config.device == "cpu" for spec in specs)
    of_memory = f" of {spell_bytes(memory.total)}" if memory and on_cpu else ""
    rows = [
        ("weights", spell_bytes(cost.weights_bytes)),
        ("memory", f"about {spell_bytes(cost.memory_bytes)}{of_memory}"),
        ("disk", f"about {spell_bytes(cost.disk_bytes)}{_free(job)}"),
    ]
    if cost.tflop is not None and devices:
        rows.append(("arithmetic", f"{cost.tflop:.3g} Tflop on {' and '.join(sorted(devices))}"))
    if cost.whole_seconds is not None:
        rows.append(("time", f"about {spell_seconds(max(cost.whole_seconds, 1))}, as such films took here"))
    elif cost.seconds is None:
        rows.append(("drawing", "its time is not known before a film of the kind was drawn here"))
    else:
        rows.append(("drawing", f"about {spell_seconds(max(cost.seconds, 1))}"))
    return rows


def _free(job: RenderJob) -> str:
    """The room on the disk of the run folder, unless that lies in object storage."""
    from stylize.system.machine import read_disk

    if not isinstance(job.run_dir, Path):
        return ""
    here = next(folder for folder in (job.run_dir, *job.run_dir.absolute().parents) if folder.is_dir())
    return f"; {spell_bytes(read_disk(here).free)} are free"


def _plain(text: str) -> Any:
    from rich.text import Text

    return Text(text)
