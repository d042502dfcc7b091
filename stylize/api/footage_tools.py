"""Tools for footage that is not drawn here: keying a plate, and deflickering another tool's film."""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike
from pathlib import Path
from typing import Any

from stylize import footage, pipeline
from stylize.api.given import settings_given
from stylize.errors import UsageError
from stylize.events import Listener, silent


def key(
    plate: str | PathLike[str],
    foreground: str | PathLike[str] | None = None,
    *,
    matte: str | PathLike[str] | None = None,
    source: str = "screen",
    screen: str = "auto",
    despill: float = 1.0,
    edge_smoothing: float = 1.0,
    shadows: bool = False,
    overwrite: bool = False,
    listener: Listener = silent,
    stop: Callable[[], bool] = lambda: False,
    **named: Any,
) -> list[Path]:
    """Cuts the subject out of a plate.

    Args:
        plate: a film file, or an image sequence.
        foreground: the subject with its alpha: `.mov` (ProRes 4444), `.png` (16 bits) or `.exr`.
        matte: the alpha alone, as grey.
        source: `screen`, `rembg`, `rembg:MODEL`, `rembg:PATH.onnx`, or a folder or sequence of mattes.
        screen: `auto`, `green`, `blue` or `#rrggbb`.
        despill: how far the screen's colour is taken out of the subject, 0 to 1.
        edge_smoothing: how far the matte's edge is averaged over neighbouring frames, 0 to 1.
        shadows: keep the shadows that fall on the screen.
        overwrite, listener, stop: as in `stylize.run`.
        named: start, end, shots, rate, offline: as in `stylize.plan`.

    Returns:
        the files that were written.

    Raises:
        StylizeError: no screen, an empty matte, a package that is missing, with a hint; no file is written then.
    """
    from compositing.key.guides import Guides
    from compositing.key.keyer import KeySettings
    from stylize.comp.mattes.film import key_film
    from stylize.comp.mattes.output import read_output
    from stylize.comp.mattes.source import MatteChoice
    from stylize.jobs.analysis import shots_of, span_of

    settings = settings_given(None, named)
    outputs = [read_output(Path(each)) if each is not None else None for each in (foreground, matte)]
    if outputs == [None, None]:
        raise UsageError("There is nothing to write.", hint="name a foreground, a matte, or both")
    clip = footage.probe(Path(plate), rate=footage.parse_rate(settings.rate))
    how = KeySettings(screen, despill=despill, steady=edge_smoothing, shadows=shadows)
    key_film(
        clip,
        shots_of(clip, span_of(clip, settings), settings.shots),
        MatteChoice(how, Guides(), source, settings.offline),
        foreground=outputs[0],
        matte=outputs[1],
        overwrite=overwrite,
        listen=listener,
        stop=stop,
    )
    return [each.path for each in outputs if each is not None]


def deflicker(
    stylized: str | PathLike[str],
    source: str | PathLike[str],
    out: str | PathLike[str],
    *,
    strength: float = 1.0,
    listener: Listener = silent,
    resume: bool = True,
    overwrite: bool = False,
    stop: Callable[[], bool] = lambda: False,
    **named: Any,
) -> pipeline.Film:
    """Takes the flicker out of finished frames of any tool, along the motion of what they were made from.

    For arrays in memory see the package `deflicker`.

    Args:
        stylized: the finished frames: a film file, or an image sequence.
        source: the footage that they were made from, frame for frame.
        out: the film.
        strength: how strongly flicker is removed, 0 to 1.
        listener, resume, overwrite, stop: as in `stylize.run`.
        named: repair, start, end, shots, rate, format, audio: as in `stylize.plan`.

    Raises:
        StylizeError: the films differ in length or shape, or one cannot be read or written, with a hint.
    """
    from stylize.jobs.plan_steadying import plan_steadying

    settings = settings_given(None, {"deflicker": strength, **named})
    job = plan_steadying(Path(stylized), Path(source), Path(out), settings)
    return pipeline.run(job, listener, resume=resume, overwrite=overwrite, stop=stop)
