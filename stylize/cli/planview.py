"""A plan, as a table for a person and as JSON for a machine."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stylize.cli.tally import spell_bytes, spell_seconds
from stylize.cli.terminal import Terminal
from stylize.footage.cadence import HOLDS, ExposureSheet

if TYPE_CHECKING:
    from stylize.footage.clip import Clip
    from stylize.jobs.plan import Plan


def plan_as_json(plan: Plan) -> dict[str, Any]:
    """Everything a plan says, in what JSON can hold; rates as fractions (`24000/1001`)."""
    clip = plan.clip
    return {
        "clip": {
            "path": str(clip.path),
            "width": clip.width,
            "height": clip.height,
            "rate": str(clip.rate),
            "frames": clip.frame_count,
            "seconds": float(clip.seconds_of(clip.frame_count)),
            "codec": clip.codec,
            "bit_depth": clip.bit_depth,
            "rotation": clip.rotation,
            "audio": [sound.codec for sound in clip.audio],
        },
        "span": [plan.span.start, plan.span.stop],
        "shots": [[shot.start, shot.end] for shot in plan.shots],
        "drawings": {
            "count": len(plan.sheet.drawings),
            "holds": list(plan.sheet.holds),
            "repeats": plan.sheet.repeats,
        },
        "look": as_json(plan.config),
        "out": str(plan.out),
        "format": plan.format,
        "run_dir": str(plan.run_dir),
        "working_size": list(plan.working_size),
        "comp": _comp(plan),
        "passes": [as_json(each) for each in plan.passes],
        "cost": as_json(plan.cost),
    }


def as_json(value: Any) -> Any:
    """A record of ours (dataclass or pydantic) as plain dicts, lists, numbers and strings."""
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: as_json(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        return {str(key): as_json(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(each) for each in value]
    if isinstance(value, range):
        return [value.start, value.stop]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Path | Fraction):
        return str(value)
    return value.item() if hasattr(value, "item") else str(value)


def show_plan(plan: Plan, terminal: Terminal, *, taken: bool) -> None:
    """Prints the plan as tables.

    Args:
        taken: the output's name exists already.
    """
    from rich.table import Table

    facts = Table(box=None, show_header=False, pad_edge=False)
    facts.add_column(no_wrap=True, style="bold")
    facts.add_column(overflow="fold")
    for name, value in _facts(plan, taken=taken):
        facts.add_row(name, _plain(value))
    terminal.table(facts)
    terminal.result("")
    passes = Table(box=None, pad_edge=False)
    for name in ("pass", "size", "frames", "done", "left"):
        passes.add_column(name, justify="left" if name == "pass" else "right", no_wrap=True)
    for each in plan.passes:
        size = "x".join(str(side) for side in each.size)
        passes.add_row(each.name, size, *(str(n) for n in (each.frames, each.done, each.frames - each.done)))
    terminal.table(passes)
    terminal.result("")
    costs = Table(box=None, show_header=False, pad_edge=False)
    costs.add_column(no_wrap=True, style="bold")
    costs.add_column(no_wrap=True)
    for name, value in _costs(plan):
        costs.add_row(name, value)
    terminal.table(costs)


def describe_clip(clip: Clip) -> str:
    """`1920x1080, 24 fps, 240 frames (10.0 s), h264, sound: aac`."""
    sound = ", ".join(audio.codec for audio in clip.audio)
    length = spell_seconds(float(clip.seconds_of(clip.frame_count)))
    parts = [
        f"{clip.width}x{clip.height}",
        f"{float(clip.rate):.6g} fps" + ("" if clip.has_constant_rate else " (variable)"),
        f"{clip.frame_count} frames ({length})",
        clip.codec,
        f"sound: {sound}" if sound else "no sound",
    ]
    return ", ".join(part for part in parts if part)


def describe_drawings(sheet: ExposureSheet) -> str:
    """`66 of 120 frames are drawn: 1 shot on ones, 2 shots on twos; 3 frames repeat a picture`."""
    counts = [(sheet.holds.count(hold), name) for name, hold in HOLDS.items()]
    words = ", ".join(f"{count} shot{'s' * (count > 1)} on {name}" for count, name in counts if count)
    again = f"; {sheet.repeats} frame{'s' * (sheet.repeats > 1)} repeat a picture" if sheet.repeats else ""
    return f"{len(sheet.drawings)} of {len(sheet.shown)} frames are drawn: {words}{again}"


def _facts(plan: Plan, *, taken: bool) -> list[tuple[str, str]]:
    clip = plan.clip
    where = f"{plan.out} ({plan.format})"
    rows = [
        ("clip", f"{clip.path}: {describe_clip(clip)}"),
        ("frames", f"{plan.span.start} to {plan.span.stop} ({len(plan.span)} frames)"),
        ("shots", f"{len(plan.shots)}"),
        ("drawings", describe_drawings(plan.sheet)),
        *(("comp", line) for line in _comp(plan)),
        *((name, _spell(value)) for name, value in _look(plan.config)),
        ("drawn at", "x".join(str(side) for side in plan.working_size)),
        ("output", f"{where}, which exists: add -y to replace it" if taken else where),
        ("frames kept in", str(plan.run_dir)),
    ]
    return rows


def _comp(plan: Plan) -> list[str]:
    if plan.comp is None:
        return []
    from stylize.comp.plan import describe

    return describe(plan.comp)


def _look(config: Any) -> list[tuple[str, Any]]:
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


def _costs(plan: Plan) -> list[tuple[str, str]]:
    """What the run takes, beside what this machine has."""
    from stylize.system.machine import read_memory

    cost, memory = plan.cost, read_memory()
    of_memory = f" of {spell_bytes(memory.total)}" if plan.config.device == "cpu" else ""
    rows = [
        ("weights", spell_bytes(cost.weights_bytes)),
        ("memory", f"about {spell_bytes(cost.memory_bytes)}{of_memory}"),
        ("disk", f"about {spell_bytes(cost.disk_bytes)}{_free(plan)}"),
    ]
    if cost.tflop is not None:
        rows.append(
            ("arithmetic", f"{cost.tflop:.3g} Tflop on {plan.config.device}, {plan.config.precision}")
        )
    if cost.seconds is None:
        rows.append(("drawing", "its time is not known before the first frames"))
    else:
        rows.append(("drawing", f"about {spell_seconds(max(cost.seconds, 1))}"))
    return rows


def _free(plan: Plan) -> str:
    """The room on the disk of the run folder, unless that lies in object storage."""
    from stylize.system.machine import read_disk

    if not isinstance(plan.run_dir, Path):
        return ""
    here = next(folder for folder in (plan.run_dir, *plan.run_dir.absolute().parents) if folder.is_dir())
    return f"; {spell_bytes(read_disk(here).free)} are free"


def _plain(text: str) -> Any:
    from rich.text import Text

    return Text(text)
