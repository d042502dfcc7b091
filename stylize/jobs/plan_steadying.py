"""Plans the steadying of finished frames of any tool along the motion of their source."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from deflicker.keyframes import Palette
from stylize import footage
from stylize.config.settings import RunSettings
from stylize.errors import UsageError
from stylize.footage.cadence import expose
from stylize.footage.clip import Clip, Shot
from stylize.footage.keyframes.choose import keys_that_agree
from stylize.footage.source import FootageSource
from stylize.jobs.analysis import shots_of, span_of
from stylize.jobs.films import depth_for, film_of
from stylize.jobs.job import RenderJob
from stylize.jobs.naming import run_folder
from stylize.jobs.segments import make_segment
from stylize.jobs.specs import SegmentContext, SteadyingSpec
from stylize.storage.fingerprint import fingerprint_clip
from stylize.storage.place import Place

LIKENESS = 0.02
"""How far the proportions of two pictures of one thing may differ: sizes are rounded."""


def plan_steadying(
    stylized: Path, source: Path, out: Path, settings: RunSettings, *, work_dir: Place | None = None
) -> RenderJob:
    """Probes both films, sees that they are of one length and shape, and finds the cuts in the source.

    Frames are numbered as in the clip whose times and sound the film gets: the source, or the finished film itself
    where the source is an image sequence, which has neither. Of the settings `deflicker`, `repair`, `keys`,
    `shots`, `start`, `end` (the part of the source that was stylized), `rate`, `format` and `audio` count. Frames
    that repeat a picture are steadied once.

    Raises:
        UsageError: the films differ in length or shape, or nothing is to be done.
        FootageError: one of them cannot be read.
    """
    if settings.deflicker == 0 and settings.repair != "auto" and settings.keys is None:
        raise UsageError(
            "With --deflicker 0 and without repair the film stays as it is.", hint="leave --deflicker out"
        )
    rate = footage.parse_rate(settings.rate)
    drawn, plate = footage.probe(stylized, rate=rate), footage.probe(source, rate=rate)
    part = span_of(plate, settings)
    if drawn.frame_count != len(part):
        raise UsageError(
            f"The stylized film has {drawn.frame_count} frames, its source {len(part)}.",
            where=stylized,
            hint="give the very frames that were stylized; --start and --end name a part of the source",
        )
    _check_shape(drawn, plate)
    own_clock = plate.is_sequence and not drawn.is_sequence
    first = 0 if own_clock else part.start
    shift = first - part.start
    shots = tuple(Shot(s.start + shift, s.end + shift) for s in shots_of(plate, part, settings.shots))
    size = (drawn.width, drawn.height)
    here = [Shot(shot.start - first, shot.end - first) for shot in shots]
    scan = footage.scan_pictures(drawn, here, motion=False)
    sheet = expose(shots, [1] * len(shots), [first + n for n in scan.pictures])
    sheet = replace(sheet, mended=scan.mended)
    finished, photographed = FootageSource(drawn, first, size), FootageSource(plate, shift, size)
    keys: dict[int, Palette] = {}
    if settings.keys is not None:
        count = None if settings.keys == "auto" else settings.keys
        keys = keys_that_agree(finished, photographed, shots, count)
    spec = SteadyingSpec(
        finished, photographed, settings.deflicker, settings.repair, tuple(keys), tuple(keys.values())
    )
    clip, films = _clock(drawn if own_clock else plate, drawn), (film_of(out, settings, plate),)
    run_dir = work_dir or run_folder(out)
    context = SegmentContext(clip, spec.identity(fingerprint_clip), shots, sheet, run_dir)
    return RenderJob(clip, (make_segment(context, spec, depth_for(clip, films)),), films, run_dir)


def _clock(clip: Clip, drawn: Clip) -> Clip:
    """The clip whose times count, with the finished film's picture."""
    return replace(
        clip,
        width=drawn.width,
        height=drawn.height,
        pixel_aspect=drawn.pixel_aspect,
        colour=drawn.colour,
        bit_depth=drawn.bit_depth,
    )


def _check_shape(drawn: Clip, plate: Clip) -> None:
    """Refuses pictures of different proportions, as stored or as shown: one cannot lie over the other."""
    stored, shown = (
        (clip.width / clip.height, float(clip.width * clip.pixel_aspect / clip.height))
        for clip in (drawn, plate)
    )
    if min(abs(a / b - 1) for a, b in zip(stored, shown, strict=True)) > LIKENESS:
        raise UsageError(
            f"The stylized film is {drawn.width}x{drawn.height}, its source {plate.width}x{plate.height}: "
            "they are of different proportions.",
            where=drawn.path,
            hint="crop or pad one of them, so that both show the same picture; their sizes may differ",
        )
