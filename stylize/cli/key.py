"""`stylize key`: the subject cut out of a plate, as a foreground with alpha, a matte, or both."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from stylize import footage
from stylize.cli import options
from stylize.cli.flags import settings_from
from stylize.cli.progress import choose_renderer
from stylize.cli.stopping import Stopping
from stylize.cli.terminal import Terminal
from stylize.errors import UsageError

if TYPE_CHECKING:
    from compositing.colour import Plane
    from compositing.key.guides import Guides
    from stylize.comp.mattes.output import Output
    from stylize.footage.clip import Clip

KEY, HAND, OUTPUT = "Key", "By hand", "Output"
Format = Literal["prores", "png", "png16", "exr"]


def _flag(panel: str, *names: str, help: str, metavar: str | None = None) -> object:
    return typer.Option(*names, help=help, metavar=metavar, rich_help_panel=panel)


Plate = Annotated[
    Path, typer.Argument(metavar="PLATE", help="a film file, or an image sequence: shot.%06d.png")
]
Matte = Annotated[
    str,
    _flag(KEY, "--matte", help="where it comes from: screen, rembg, rembg:MODEL, or a folder of mattes"),
]
Screen = Annotated[str, _flag(KEY, "--screen", help="its colour: auto, green, blue or '#rrggbb'")]
Black = Annotated[float, _flag(KEY, "--black", help="alpha up to this becomes 0")]
White = Annotated[float, _flag(KEY, "--white", help="alpha from this on becomes 1")]
Despill = Annotated[float, _flag(KEY, "--despill", help="the screen's light taken off the subject: 0 to 1")]
Steady = Annotated[float, _flag(KEY, "--steady", help="how much edges are averaged over time: 0 to 1")]
Shadows = Annotated[
    bool, _flag(KEY, "--shadows", help="keep the shadows on the screen, as black in the foreground")
]
Core = Annotated[
    list[str] | None,
    _flag(HAND, "--core", help="is the subject: a painted PNG, or a box (repeatable)", metavar="PNG|L,T,R,B"),
]
Garbage = Annotated[
    list[str] | None,
    _flag(HAND, "--garbage", help="is not the subject: rigs, the studio", metavar="PNG|L,T,R,B"),
]
Holdout = Annotated[
    list[str] | None,
    _flag(HAND, "--holdout", help="is the subject, its colours untouched", metavar="PNG|L,T,R,B"),
]
Out = Annotated[
    Path | None,
    _flag(OUTPUT, "-o", "--output", help="the foreground with its alpha: .mov, .png or .exr", metavar="OUT"),
]
MatteOut = Annotated[
    Path | None, _flag(OUTPUT, "--matte-out", help="the matte alone: .mov, .png or .exr", metavar="OUT")
]
Format_ = Annotated[Format | None, _flag(OUTPUT, "--format", help="by default what each name says")]
Alpha = Annotated[
    Literal["straight", "premultiplied"] | None,
    _flag(OUTPUT, "--alpha", help="of the colours; by default straight, and premultiplied in EXR"),
]


def key(
    context: typer.Context,
    plate: Plate,
    out: Out = None,
    matte_out: MatteOut = None,
    overwrite: options.Overwrite = False,
    format: Format_ = None,
    alpha: Alpha = None,
    matte: Matte = "screen",
    screen: Screen = "auto",
    black: Black = 0.0,
    white: White = 1.0,
    despill: Despill = 1.0,
    steady: Steady = 1.0,
    shadows: Shadows = False,
    core: Core = None,
    garbage: Garbage = None,
    holdout: Holdout = None,
    start: options.Start = None,
    end: options.End = None,
    shots: options.Shots = None,
    rate: options.Rate = None,
    offline: options.Offline = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = 0,
    no_progress: options.NoProgress = False,
    log_file: options.LogFile = None,
    debug: options.Debug = False,
) -> None:
    """Cut the subject out of a plate.

    The screen's colour and its clean plate come from the footage itself. PNG and ProRes 4444 hold the plate's
    own display-referred colours, EXR scene-linear light with the primaries of BT.709.
    """
    from compositing.key.keyer import KeySettings
    from stylize.comp.errors import compositing_errors
    from stylize.comp.mattes.film import key_film
    from stylize.comp.mattes.output import read_output
    from stylize.comp.mattes.source import MatteChoice
    from stylize.jobs.plan import shots_of, span_of

    terminal = context.ensure_object(Terminal)
    terminal.configure(quiet=quiet, verbose=verbose, log_file=log_file)
    settings = settings_from({"start": start, "end": end, "rate": rate, "shots": shots, "offline": offline})
    with compositing_errors(None):
        how = KeySettings(screen, black, white, despill, steady, shadows)
    foreground = read_output(out, format, alpha) if out else None
    alone = read_output(matte_out, format) if matte_out else None
    if foreground is None and alone is None:
        raise UsageError("There is nothing to write.", hint="give -o FOREGROUND, --matte-out MATTE, or both")
    clip = footage.probe(plate, rate=footage.parse_rate(settings.rate))
    guides = _guides(clip, core or [], garbage or [], holdout or [])
    choice = MatteChoice(how, guides, matte, bool(settings.offline))
    found = shots_of(clip, span_of(clip, settings), settings.shots)
    count = found[-1].end - found[0].start
    renderer = choose_renderer(terminal, plate.name, [("key", count, 0)], progress=not no_progress)
    with Stopping(quiet=quiet) as stopping, renderer:
        key_film(
            clip,
            found,
            choice,
            foreground=foreground,
            matte=alone,
            overwrite=overwrite,
            listen=renderer,
            stop=stopping.asked,
        )
    for each, what in ((foreground, "foreground"), (alone, "matte")):
        if each is not None:
            _announce(each, what, count, terminal)


def _guides(clip: Clip, core: list[str], garbage: list[str], holdout: list[str]) -> Guides:
    from compositing.key.guides import Guides

    return Guides(
        *(
            _painted(words, clip, flag)
            for words, flag in ((core, "--core"), (garbage, "--garbage"), (holdout, "--holdout"))
        )
    )


def _painted(words: list[str], clip: Clip, flag: str) -> Plane | None:
    """The union of the boxes and painted mattes that a flag was given."""
    import numpy as np

    from compositing.key.guides import box_mask
    from stylize.comp.errors import compositing_errors
    from stylize.comp.mattes.given import read_matte

    planes = []
    for word in words:
        parts = word.split(",")
        if len(parts) != 4:
            path = Path(word)
            if not path.is_file():
                raise UsageError(
                    f"{word!r} is neither a file nor a box.",
                    where=flag,
                    hint="write a box as LEFT,TOP,RIGHT,BOTTOM: 0,0,0.2,1 or 0,0,384,1080",
                )
            planes.append(read_matte(path, clip))
            continue
        try:
            left, top, right, bottom = (float(part) for part in parts)
        except ValueError as error:
            hint = "write LEFT,TOP,RIGHT,BOTTOM, as shares of the frame or in pixels"
            raise UsageError(f"{word!r} is no box.", where=flag, hint=hint) from error
        with compositing_errors(flag):
            planes.append(box_mask([(left, top, right, bottom)], clip.width, clip.height))
    return np.maximum.reduce(planes) if planes else None


def _announce(output: Output, what: str, count: int, terminal: Terminal) -> None:
    facts = output.says if what == "foreground" else "linear coverage"
    if terminal.as_json:
        terminal.emit(
            {"event": "keyed", "what": what, "path": str(output.path), "frames": count, "facts": facts}
        )
    elif not terminal.quiet:
        terminal.result(f"{output.path}: {what} of {count} frames, {facts}")
