"""`stylize key`: the subject cut out of a plate, as a foreground with alpha, a matte, or both."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from pydantic import ValidationError

from stylize import footage
from stylize.cli.model_options import ModelOptions, Spelling
from stylize.cli.progress import choose_renderer
from stylize.cli.run_options import OUTPUT, Overwrite, settings_options
from stylize.cli.stopping import Stopping
from stylize.cli.terminal import Terminal
from stylize.comp.scene import KeyTable
from stylize.config.explain import explain
from stylize.config.settings import RunSettings
from stylize.errors import UsageError

if TYPE_CHECKING:
    from compositing.colour import Plane
    from compositing.key.guides import Guides
    from stylize.comp.mattes.output import AlphaOutput
    from stylize.comp.mattes.source import MatteChoice
    from stylize.footage.clip import Clip

HELP = "see: stylize key --help"
GUIDE = Spelling(metavar="PNG|L,T,R,B")


def _key_table(**given: Any) -> KeyTable:
    try:
        return KeyTable(**given)
    except ValidationError as error:
        raise UsageError(explain(error), hint=HELP) from error


KEY_OPTIONS = ModelOptions(
    KeyTable,
    {
        "Key": ("matte", "screen", "black", "white", "despill", "edge_smoothing", "shadows"),
        "By hand": ("core", "garbage", "holdout"),
    },
    _key_table,
    {
        "matte": Spelling(metavar="SOURCE"),
        "screen": Spelling(metavar="COLOUR"),
        "edge_smoothing": Spelling(old=("--steady",)),
        "core": GUIDE,
        "garbage": GUIDE,
        "holdout": GUIDE,
    },
)


def _output(*names: str, help: str, metavar: str | None = None) -> Any:
    return typer.Option(*names, help=help, metavar=metavar, rich_help_panel=OUTPUT, show_default=False)


def key(
    terminal: Terminal,
    *,
    plate: Annotated[
        Path, typer.Argument(metavar="PLATE", help="a film file, or an image sequence: shot.%06d.png")
    ],
    out: Annotated[
        Path | None,
        _output("-o", "--output", help="the foreground with its alpha: .mov, .png or .exr", metavar="OUT"),
    ] = None,
    matte_out: Annotated[
        Path | None, _output("--matte-out", help="the matte alone: .mov, .png or .exr", metavar="OUT")
    ] = None,
    table: Annotated[KeyTable, KEY_OPTIONS],
    settings: Annotated[RunSettings, settings_options("start", "end", "shots", "rate", "offline")],
    overwrite: Overwrite = False,
    format: Annotated[
        Literal["prores", "png", "png16", "exr"] | None,
        _output("--format", help="by default what each name says"),
    ] = None,
    alpha: Annotated[
        Literal["straight", "premultiplied"] | None,
        _output("--alpha", help="of the colours; by default straight, and premultiplied in EXR"),
    ] = None,
) -> None:
    """Cut the subject out of a plate.

    The screen's colour and its clean plate come from the footage itself. PNG and ProRes 4444 hold the plate's
    own display-referred colours, EXR scene-linear light with the primaries of BT.709.
    """
    from stylize.comp.mattes.film import key_film
    from stylize.comp.mattes.output import read_output
    from stylize.jobs.analysis import shots_of, span_of

    foreground = read_output(out, format, alpha) if out else None
    alone = read_output(matte_out, format) if matte_out else None
    if foreground is None and alone is None:
        raise UsageError("There is nothing to write.", hint="give -o FOREGROUND, --matte-out MATTE, or both")
    clip = footage.probe(plate, rate=footage.parse_rate(settings.rate))
    choice = _choice(table, clip, settings.offline)
    found = shots_of(clip, span_of(clip, settings), settings.shots)
    count = found[-1].end - found[0].start
    renderer = choose_renderer(terminal, plate.name, [("key", count, 0)])
    with Stopping(quiet=terminal.quiet) as stopping, renderer:
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
    if foreground is not None:
        _announce(foreground, "foreground", foreground.says, count, terminal)
    if alone is not None:
        _announce(alone, "matte", "linear coverage", count, terminal)


def _choice(table: KeyTable, clip: Clip, offline: bool) -> MatteChoice:
    """How the mattes are made."""
    from compositing.key.keyer import KeySettings
    from stylize.comp.errors import compositing_errors
    from stylize.comp.mattes.source import MatteChoice

    with compositing_errors(None):
        how = KeySettings(
            *(table.screen, table.black, table.white, table.despill, table.edge_smoothing, table.shadows)
        )
    return MatteChoice(how, _guides(table, clip), table.matte, offline)


def _guides(table: KeyTable, clip: Clip) -> Guides:
    from compositing.key.guides import Guides

    given = ((table.core, "--core"), (table.garbage, "--garbage"), (table.holdout, "--holdout"))
    return Guides(*(_painted(words, clip, flag) for words, flag in given))


def _painted(words: tuple[str, ...], clip: Clip, flag: str) -> Plane | None:
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


def _announce(output: AlphaOutput, what: str, facts: str, count: int, terminal: Terminal) -> None:
    record = {"event": "keyed", "what": what, "path": str(output.path), "frames": count, "facts": facts}
    terminal.answer(record, f"{output.path}: {what} of {count} frames, {facts}")
