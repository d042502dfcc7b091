"""What is found out about a clip before anything is decided: its contents, and the shots of the span asked for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

from stylize import footage
from stylize.config.settings import RunSettings
from stylize.errors import FootageError, UsageError
from stylize.footage.clip import Clip, Shot
from stylize.jobs.findings import found_shots
from stylize.storage.fingerprint import fingerprint_clip


@dataclass(frozen=True)
class ClipAnalysis:
    """A clip, what stands for its contents, and its shots: those of the span asked for, or a part of them.

    Attributes:
        whole: the span of the run, where these shots are but those of it that are looked at.
    """

    clip: Clip
    source: str
    shots: tuple[Shot, ...]
    whole: range | None = None

    @property
    def span(self) -> range:
        return range(self.shots[0].start, self.shots[-1].end)

    @property
    def run_span(self) -> range:
        """The frames of the run that these shots belong to."""
        return self.whole or self.span

    def around(self, moments: Collection[int]) -> ClipAnalysis:
        """The analysis of the shots alone from the first to the last that show these frames.

        Raises:
            UsageError: the run has no such frame.
        """
        for moment in moments:
            if moment not in self.span:
                raise UsageError(
                    f"Frame {moment} is not drawn: the run has frames {self.span.start} to {self.span.stop - 1}.",
                    where="--preview",
                    hint="choose another moment, or leave out --start and --end",
                )
        places = [place for place, shot in enumerate(self.shots) if any(moment in shot for moment in moments)]
        return replace(self, shots=self.shots[places[0] : places[-1] + 1], whole=self.run_span)


def analyse_clip(source: Path, settings: RunSettings) -> ClipAnalysis:
    """Probes the clip and finds its shots.

    Raises:
        StylizeError: what cannot be meant or read.
    """
    clip = footage.probe(source, rate=footage.parse_rate(settings.rate))
    contents = fingerprint_clip(clip)
    return ClipAnalysis(clip, contents, shots_of(clip, span_of(clip, settings), settings.shots, contents))


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


def shots_of(clip: Clip, span: range, listing: Path | None, source: str | None = None) -> tuple[Shot, ...]:
    """The shots of the span, from a list or found; those at its ends are cut to it.

    Args:
        source: what stands for the clip's contents, where that is known already.
    """
    if listing is None:
        return found_shots(clip, source or fingerprint_clip(clip), span)
    shots = footage.read_shots(listing, clip)
    inside = (Shot(max(shot.start, span.start), min(shot.end, span.stop)) for shot in shots)
    return tuple(shot for shot in inside if len(shot) > 0)
