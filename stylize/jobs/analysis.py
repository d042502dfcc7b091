"""What is found out about a clip before anything is decided: its contents, and the shots of the span asked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from stylize import footage
from stylize.config.settings import RunSettings
from stylize.errors import FootageError, UsageError
from stylize.footage.clip import Clip, Shot
from stylize.storage.fingerprint import fingerprint_clip


@dataclass(frozen=True)
class ClipAnalysis:
    """A clip, what stands for its contents, and its shots: those of the span asked for, or a part of them."""

    clip: Clip
    source: str
    shots: tuple[Shot, ...]

    @property
    def span(self) -> range:
        return range(self.shots[0].start, self.shots[-1].end)


def analyse_clip(source: Path, settings: RunSettings) -> ClipAnalysis:
    """Probes the clip and finds its shots.

    Raises:
        StylizeError: what cannot be meant or read.
    """
    clip = footage.probe(source, rate=footage.parse_rate(settings.rate))
    return ClipAnalysis(
        clip, fingerprint_clip(clip), tuple(shots_of(clip, span_of(clip, settings), settings.shots))
    )


def span_of(clip: Clip, settings: RunSettings) -> range:
    """The frames between `start` and `end`.

    Raises:
        UsageError: there are none. FootageError: the clip has none.
    """
    start = footage.parse_time(settings.start, clip) if settings.start else 0
    end = footage.parse_time(settings.end, clip) if settings.end else clip.frame_count
    if clip.frame_count == 0:
        raise FootageError("This clip holds no frame to draw.", where=clip.path)
    if start >= end:
        raise UsageError(
            f"Nothing lies between --start {settings.start or 0} and --end {settings.end or 'the end'}.",
            hint=f"the clip has {clip.frame_count} frames",
        )
    return range(start, end)


def shots_of(clip: Clip, span: range, listing: Path | None) -> list[Shot]:
    """The shots of the span, from a list or found; those at its ends are cut to it."""
    if listing is None:
        return footage.find_shots(clip, start=span.start, end=span.stop)
    shots = footage.read_shots(listing, clip)
    inside = [Shot(max(shot.start, span.start), min(shot.end, span.stop)) for shot in shots]
    return [shot for shot in inside if len(shot) > 0]
