"""What a plan comes to, in words and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stylize.cli.as_json import as_json
from stylize.cli.units import spell_seconds
from stylize.footage.cadence import HOLDS, ExposureSheet

if TYPE_CHECKING:
    from stylize.footage.clip import Clip
    from stylize.jobs.plan import Plan


def plan_as_json(plan: Plan) -> dict[str, Any]:
    """Everything a plan says; rates as fractions (`24000/1001`)."""
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
        "config": as_json(plan.config),
        "out": str(plan.out),
        "format": plan.format,
        "run_dir": str(plan.run_dir),
        "working_size": list(plan.working_size),
        "comp": describe_comp(plan),
        "passes": [as_json(each) for each in plan.passes],
        "cost": as_json(plan.cost),
    }


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


def describe_comp(plan: Plan) -> list[str]:
    if plan.comp is None:
        return []
    from stylize.comp.plan import describe

    return describe(plan.comp)
