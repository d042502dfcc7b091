"""The sound tracks of a film file."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from stylize.footage.clip import Audio


def read_sound(container: Any) -> tuple[tuple[Audio, ...], tuple[str, ...]]:
    """The sound tracks that can be copied into a film, and a sentence on each that cannot.

    A track whose codec ffmpeg does not know (spatial sound of phones, encrypted or brand-new kinds) can be named in
    no container: it is left out.
    """
    known, notes = [], []
    for number, track in enumerate(container.streams.audio, start=1):
        context = track.codec_context
        if context is None or not context.name or not context.sample_rate:
            notes.append(
                f"Sound track {number} of {len(container.streams.audio)} is of a kind that ffmpeg does not know: "
                "it is left out of the film."
            )
            continue
        start = (track.start_time or 0) * Fraction(track.time_base)
        known.append(Audio(track.index, context.name, context.sample_rate, context.channels, start))
    return tuple(known), tuple(notes)
