"""`stylize camera`: the camera of a plate, solved; or a camera file turned into another."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from stylize import footage
from stylize.cli import options
from stylize.cli.flags import settings_from
from stylize.cli.outputs import refuse_existing
from stylize.cli.terminal import Terminal
from stylize.errors import OutputError, UsageError

if TYPE_CHECKING:
    from compositing.camera import Camera, SolveReport

SOLVE, FILE = "Solve", "Camera file"


def _flag(panel: str, *names: str, help: str, metavar: str | None = None) -> Any:
    return typer.Option(*names, help=help, metavar=metavar, rich_help_panel=panel, show_default=False)


Source = Annotated[
    Path, typer.Argument(metavar="PLATE|CAMERA", help="a plate to solve, or a camera file to convert")
]
Out = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--output",
        metavar="FILE",
        help="the camera: .json, .chan, .usda, .usdc, .glb, .track.json (OpenTrackIO), or a folder (COLMAP)",
    ),
]
Overwrite = Annotated[bool, typer.Option("-y", "--overwrite", help="replace the file")]
Kind = Annotated[
    Literal["locked", "rotation", "translating"] | None,
    _flag(SOLVE, "--kind", help="what the camera does; by default it is found out"),
]
Focal = Annotated[float | None, _flag(SOLVE, "--focal", help="focal length, where it is known", metavar="MM")]
Back = Annotated[
    str | None, _flag(SOLVE, "--film-back", help="width and height; by default 36 mm wide", metavar="MMxMM")
]
Distance = Annotated[
    float, _flag(SOLVE, "--distance", help="from the camera to the set: the scale of a move", metavar="M")
]
Screen = Annotated[
    str, _flag(SOLVE, "--screen", help="masks what is not of its colour: auto, green, blue, '#rrggbb', none")
]
Unit = Annotated[
    Literal["m", "cm", "mm", "in", "ft"] | None, _flag(FILE, "--unit", help="of the file's lengths")
]
Up = Annotated[Literal["y", "z"] | None, _flag(FILE, "--up", help="the file's upward axis")]
Size = Annotated[str | None, _flag(FILE, "--picture", help="the picture's size, for a file", metavar="WxH")]


def camera(
    context: typer.Context,
    source: Source,
    out: Out = None,
    overwrite: Overwrite = False,
    kind: Kind = None,
    focal: Focal = None,
    film_back: Back = None,
    distance: Distance = 4.0,
    screen: Screen = "auto",
    unit: Unit = None,
    up: Up = None,
    picture: Size = None,
    start: options.Start = None,
    end: options.End = None,
    rate: options.Rate = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = 0,
    log_file: options.LogFile = None,
    debug: options.Debug = False,
) -> None:
    """Solve the camera of a plate, or convert a camera file.

    The solve says what kind of move it is and how far the set's marks miss their places. What is not of the
    screen's colour is taken for the subject and left out.
    """
    from compositing.camera.formats import is_camera_file

    terminal = context.ensure_object(Terminal)
    terminal.configure(quiet=quiet, verbose=verbose, log_file=log_file)
    if out is not None and not overwrite:
        refuse_existing(out)
    back = _pair(film_back, "--film-back") if film_back else None
    if is_camera_file(source):
        settings = settings_from({"rate": rate})
        size = _pair(picture, "--picture") if picture else None
        fps = footage.parse_rate(settings.rate) if rate else None
        found, report = _converted(source, unit, up, back, size, fps), None
    else:
        settings = settings_from({"start": start, "end": end, "rate": rate})
        found, report = _solved(source, settings, screen, kind, focal, back, distance)
    if out is not None:
        _write(found, out)
    _say(found, report, out, terminal)


def _solved(
    source: Path,
    settings: Any,
    screen: str,
    kind: Any,
    focal: float | None,
    back: tuple[float, float] | None,
    distance: float,
) -> tuple[Camera, SolveReport]:
    from compositing.camera import SolveSettings
    from stylize.comp.cameras import solve_shot
    from stylize.comp.scene import KeyTable

    clip = footage.probe(source, rate=footage.parse_rate(settings.rate))
    first = footage.parse_time(settings.start, clip) if settings.start else 0
    last = footage.parse_time(settings.end, clip) if settings.end else clip.frame_count
    shots = footage.find_shots(clip, start=first, end=last)
    if len(shots) > 1:
        raise UsageError(
            f"There are {len(shots)} shots between these frames, and each has a camera of its own.",
            where=source,
            hint=f"take one with --start and --end: stylize shots {source}",
        )
    key = None if screen == "none" else KeyTable(screen=screen)
    how = SolveSettings(kind=kind, focal_mm=focal, film_back_mm=back, distance_m=distance)
    solution = solve_shot(clip, shots[0], key, how)
    return solution.camera, solution.report


def _converted(
    source: Path,
    unit: str | None,
    up: str | None,
    back: tuple[float, float] | None,
    size: tuple[float, float] | None,
    rate: Fraction | None,
) -> Camera:
    from compositing.camera.formats import read_camera
    from stylize.comp.errors import compositing_errors

    if not source.exists():
        raise UsageError("There is no such file.", where=source)
    pixels = (round(size[0]), round(size[1])) if size else None
    with compositing_errors(source):
        return read_camera(source, size=pixels, fps=rate or None, unit=unit, up=up, film_back_mm=back)


def _write(found: Camera, out: Path) -> None:
    from compositing.camera.formats import write_camera
    from stylize.comp.errors import compositing_errors

    try:
        with compositing_errors(out):
            write_camera(found, out)
    except OSError as error:
        raise OutputError(f"It cannot be written: {error.strerror}.", where=out) from error


def _say(found: Camera, report: SolveReport | None, out: Path | None, terminal: Terminal) -> None:
    from dataclasses import asdict

    from compositing.backdrop import kind_of

    if terminal.as_json:
        facts = {"frames": len(found), "fps": str(found.fps), "focal_mm": found.focal_mm.tolist()}
        solved = asdict(report) if report else None
        terminal.emit({"event": "camera", "out": str(out) if out else None, **facts, "report": solved})
        return
    if terminal.quiet:
        return
    name = f"{out}: " if out else ""
    kind = report.kind if report else kind_of(found)
    terminal.result(f"{name}{len(found)} frames, {kind}, {float(found.focal_mm[0]):.4g} mm")
    if report is not None:
        terminal.result(
            f"reprojection error {report.mean_px:.2f} px (95 % under {report.worst_px:.2f}); {report.marks} marks, "
            f"{report.fewest} in the poorest frame, {100 * report.explained:.0f} % of them on the set"
        )
        if report.focal_mm_sd is not None:
            terminal.result(f"lens {report.focal_mm:.2f} mm, give or take {report.focal_mm_sd:.2f}")
        for note in report.notes:
            terminal.say(f"note: {note}")


def _pair(text: str, flag: str) -> tuple[float, float]:
    try:
        first, second = (float(part) for part in text.lower().split("x"))
    except ValueError as error:
        raise UsageError(f"{text!r} is no pair of numbers.", where=flag, hint="write 36x20.25") from error
    if first <= 0 or second <= 0:
        raise UsageError(f"{text!r} must be above zero.", where=flag)
    return first, second
