"""What a plan comes to, in words and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stylize.cli.as_json import as_json
from stylize.cli.units import spell_seconds
from stylize.footage.cadence import HOLDS, ExposureSheet

if TYPE_CHECKING:
    from stylize.footage.clip import Clip
    from stylize.jobs.job import RenderJob, Segment


def plan_as_json(job: RenderJob) -> dict[str, Any]:
    """Everything a plan says; rates as fractions (`24000/1001`)."""
    from stylize.jobs.cost import cost_of

    clip = job.clip
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
        "notes": list(job.notes),
        "span": [job.span.start, job.span.stop],
        "shots": [[shot.start, shot.end] for shot in job.shots],
        "segments": [_segment_as_json(segment) for segment in job.segments],
        "out": str(job.film.path),
        "format": job.film.format,
        "films": [as_json(film) for film in job.films],
        "run_dir": str(job.run_dir),
        "passes": [as_json(job.progress(name)) for name in job.pass_names],
        "cost": as_json(cost_of(job)),
    }


def _segment_as_json(segment: Segment) -> dict[str, Any]:
    from stylize.jobs.specs import DrawingSpec

    sheet, spec = segment.sheet, segment.spec
    drawn: dict[str, Any] = {}
    if isinstance(spec, DrawingSpec):
        drawn = {"config": as_json(spec.config), "working_size": list(spec.working_size)}
    return {
        "span": [segment.span.start, segment.span.stop],
        "kind": spec.kind,
        "drawings": {
            "count": len(sheet.drawings),
            "holds": list(sheet.holds),
            "repeats": sheet.repeats,
        },
        **drawn,
        "scene": describe_scene(segment),
        "bit_depth": segment.depth,
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


def describe_scene(segment: Segment) -> list[str]:
    if segment.scene is None:
        return []
    from stylize.comp.resolve import describe

    return describe(segment.scene)
