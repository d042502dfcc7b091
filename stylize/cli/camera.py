"""`stylize camera`: the camera of a plate, solved; or a camera file turned into another."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from stylize import footage
from stylize.cli.overwriting import refuse_existing
from stylize.cli.run_options import settings_options
from stylize.cli.terminal import Terminal
from stylize.config.read_settings import read_settings
from stylize.errors import UsageError
from stylize.footage.outfile import temporary_folder
from stylize.storage.atomic import cannot_write

if TYPE_CHECKING:
    from compositing.camera import Camera, SolveReport
    from stylize.config.settings import RunSettings

SOLVE, FILE = "Solve", "Camera file"


def _flag(panel: str, *names: str, help: str, metavar: str | None = None) -> Any:
    return typer.Option(*names, help=help, metavar=metavar, rich_help_panel=panel, show_default=False)


@dataclass(frozen=True)
class SolveOptions:
    """How the camera of a plate is solved."""

    kind: Annotated[
        Literal["locked", "rotation", "translating"] | None,
        _flag(SOLVE, "--kind", help="how the camera moves; by default it is found out"),
    ] = None
    focal: Annotated[
        float | None, _flag(SOLVE, "--focal", help="focal length, where it is known", metavar="MM")
    ] = None
    distance: Annotated[
        float | None,
        _flag(
            SOLVE,
            "--distance",
            help="from the camera to the set: the scale of a move; default: 4",
            metavar="M",
        ),
    ] = None
    screen: Annotated[
        str | None,
        _flag(
            *(SOLVE, "--screen"),
            help="masks what is not of its colour: auto, green, blue, '#rrggbb' or none; default: auto",
            metavar="COLOUR",
        ),
    ] = None


@dataclass(frozen=True)
class FileOptions:
    """What a camera file does not say of itself."""

    unit: Annotated[
        Literal["m", "cm", "mm", "in", "ft"] | None, _flag(FILE, "--unit", help="of the file's lengths")
    ] = None
    up: Annotated[Literal["y", "z"] | None, _flag(FILE, "--up", help="the file's upward axis")] = None
    picture: Annotated[
        str | None, _flag(FILE, "--picture", help="size of the pictures, px", metavar="WxH")
    ] = None


def camera(
    terminal: Terminal,
    *,
    source: Annotated[
        Path, typer.Argument(metavar="PLATE|CAMERA", help="a plate to solve, or a camera file to convert")
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            *("-o", "--output"),
            metavar="FILE",
            help="the camera: .json, .chan, .usda, .usdc, .glb, .track.json (OpenTrackIO), or a folder (COLMAP)",
        ),
    ] = None,
    solving: SolveOptions,
    reading: FileOptions,
    flags: Annotated[dict[str, Any], settings_options("start", "end", "rate", build=dict)],
    film_back: Annotated[
        str | None,
        _flag(SOLVE, "--film-back", help="width and height; by default 36 mm wide", metavar="MMxMM"),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("-y", "--overwrite", help="replace the file if it exists")
    ] = False,
) -> None:
    """Solve the camera of a plate, or convert a camera file.

    The solve says what kind of move it is and how far the set's marks are from where they should be. What is not of
    the screen's colour is taken for the subject and left out.
    """
    from compositing.camera.formats import check_camera_name, is_camera_file
    from stylize.comp.errors import compositing_errors

    if out is not None:
        with compositing_errors(out):
            check_camera_name(out)
        if not overwrite:
            refuse_existing(out)
    back = _pair(film_back, "--film-back") if film_back else None
    settings, report = read_settings(**flags), None
    if is_camera_file(source):
        _refuse_solving({**flags, **vars(solving)}, source)
        fps = footage.parse_rate(settings.rate) if "rate" in flags else None
        found = _converted(source, reading, back, fps)
    else:
        found, report = _solved(source, settings, solving, back)
    if out is not None:
        _write(found, out)
    _say(found, report, out, terminal)


def _refuse_solving(given: dict[str, Any], source: Path) -> None:
    """Raises UsageError: an option for the solve of a plate, where a camera file is converted."""
    for name in ("start", "end", "kind", "focal", "distance", "screen"):
        if given.get(name) is not None:
            raise UsageError(
                f"--{name} is for a plate: of a camera file every frame is converted as it is.",
                where=source,
                hint=f"leave --{name} out",
            )


def _solved(
    source: Path, settings: RunSettings, solving: SolveOptions, back: tuple[float, float] | None
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
    for flag, length in (("--focal", solving.focal), ("--distance", solving.distance)):
        if length is not None and not 0 < length < math.inf:
            raise UsageError(f"{flag} cannot be {length:g}.", hint="give a length above 0")
    screen, distance = solving.screen or "auto", solving.distance
    key = None if screen == "none" else KeyTable(screen=screen)
    how = SolveSettings(kind=solving.kind, focal_mm=solving.focal, film_back_mm=back)
    if distance is not None:
        how = replace(how, distance_m=distance)
    solution = solve_shot(clip, shots[0], key, how)
    return solution.camera, solution.report


def _converted(
    source: Path, reading: FileOptions, back: tuple[float, float] | None, rate: Fraction | None
) -> Camera:
    from compositing.camera.formats import read_camera
    from stylize.comp.errors import compositing_errors

    if not source.exists():
        raise UsageError("There is no such file.", where=source)
    pixels = None
    if reading.picture:
        width, height = _pair(reading.picture, "--picture")
        pixels = (round(width), round(height))
    with compositing_errors(source):
        return read_camera(source, size=pixels, fps=rate, unit=reading.unit, up=reading.up, film_back_mm=back)


def _write(found: Camera, out: Path) -> None:
    from compositing.camera.formats import write_camera
    from stylize.comp.errors import compositing_errors

    if not out.suffix:  # COLMAP's model is a folder of several files
        try:
            with compositing_errors(out):
                return write_camera(found, out)
        except OSError as error:
            raise cannot_write(out, error) from error
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with temporary_folder(out.parent, ".camera.") as folder:
            whole = folder / out.name
            with compositing_errors(out):
                write_camera(found, whole)
            whole.replace(out)
    except OSError as error:
        raise cannot_write(out, error) from error


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
