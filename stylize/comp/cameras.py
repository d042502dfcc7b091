"""Each shot's camera: solved from the plate, read from a file, or set by the scene's moves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compositing.camera import Camera, Report, Settings, Solution, solve_camera, still_camera
from compositing.camera.formats.record import as_record, from_record
from compositing.camera.moves import moved_camera, read_move
from stylize import footage
from stylize.comp.scene import CameraTable, KeyTable, Scene
from stylize.errors import FootageError, MissingPart, StylizeError, UsageError
from stylize.footage.clip import Clip, Pixels, Shot
from stylize.storage.atomic import atomic_write
from stylize.storage.fingerprint import fingerprint
from stylize.storage.place import Place
from stylize.system.dependencies import install_hint


@dataclass(frozen=True)
class ShotCamera:
    """A shot's camera, and how it was solved if it was."""

    camera: Camera
    report: Report | None = None


def shot_camera(scene: Scene, clip: Clip, shot: Shot, source: str, cache: Place) -> ShotCamera:
    """The camera of one shot.

    Args:
        scene: what is asked.
        clip: the plate.
        shot: which frames of it.
        source: stands for the plate's contents.
        cache: a folder where solved cameras are kept.

    Raises:
        StylizeError: the plate cannot be solved, or the camera file does not fit it.
    """
    table = scene.camera
    size, fps = (clip.width, clip.height), clip.rate
    if table.source == "solve":
        found = _cached(scene, clip, shot, source, cache)
    elif table.source == "file":
        found = ShotCamera(_from_file(scene, clip, shot))
    else:
        found = ShotCamera(
            still_camera(size, len(shot), fps=fps, focal_mm=table.focal_mm or 35.0, **_back(table))
        )
    if not table.move:
        return found
    moves = [read_move(each) for each in table.move]
    return ShotCamera(moved_camera(moves, len(shot), size, fps, base=found.camera), found.report)


def _back(table: CameraTable) -> dict[str, Any]:
    return {"film_back_mm": table.film_back_mm} if table.film_back_mm else {}


def _from_file(scene: Scene, clip: Clip, shot: Shot) -> Camera:
    """The part of a camera file that belongs to a shot: its own frames where the file is as long as the clip."""
    from compositing.camera.formats import read_camera

    table = scene.camera
    if not table.file:
        raise UsageError("The camera's file is not named.", where="camera.file")
    path = scene.path(table.file)
    if not path.is_file():
        raise FootageError("There is no such camera file.", where=path)
    try:
        camera = read_camera(
            path,
            size=(clip.width, clip.height),
            fps=clip.rate,
            unit=table.unit,
            up=table.up,
            film_back_mm=table.film_back_mm,
        )
    except ValueError as error:
        raise said(error, path) from error
    except ImportError as error:
        raise missing(error, path) from error
    return fitted(camera, clip, shot, path)


def fitted(camera: Camera, clip: Clip, shot: Shot, path: Path) -> Camera:
    """The frames of a camera that belong to a shot, over a picture of the clip's size.

    Raises:
        FootageError: there are fewer of them than the shot has.
    """
    start = shot.start if len(camera) >= clip.frame_count else 0
    if len(camera) < len(shot):
        raise FootageError(
            f"The camera has {len(camera)} frames, the shot {len(shot)}.",
            where=path,
            hint="export the camera over the whole shot, or cut the shot with --start and --end",
        )
    return camera.part(start, start + len(shot)).resized((clip.width, clip.height))


def _cached(scene: Scene, clip: Clip, shot: Shot, source: str, cache: Place) -> ShotCamera:
    table = scene.camera
    facts = [table.model_dump(mode="json", exclude={"move", "file"}), scene.key.model_dump(mode="json")]
    path = cache / f"{fingerprint(source, shot.start, shot.end, facts, 'camera 1')}.json"
    if path.is_file():
        record = json.loads(path.read_text(encoding="utf-8"))
        report = record["report"]
        report["frame_px"], report["notes"] = tuple(report["frame_px"]), tuple(report["notes"])
        return ShotCamera(from_record(record["camera"]), Report(**report))
    solved = solve_shot(clip, shot, scene.key, settings_of(table))
    record = {"camera": as_record(solved.camera), "report": asdict(solved.report)}
    atomic_write(path, json.dumps(record).encode())
    return ShotCamera(solved.camera, solved.report)


def settings_of(table: CameraTable) -> Settings:
    return Settings(
        kind=table.kind,
        focal_mm=table.focal_mm,
        film_back_mm=table.film_back_mm,
        distance_m=table.distance_m,
        smooth_s=table.smooth_s,
    )


def solve_shot(clip: Clip, shot: Shot, key: KeyTable | None, settings: Settings) -> Solution:
    """Solves a shot's camera, the subject masked where a screen tells it from the set.

    Raises:
        StylizeError: there is too little to hold on to; the hint says what to do.
    """
    frames = (frame.pixels for frame in footage.read_frames(clip, shot.start, shot.end))
    masks = None if key is None else _masks(clip, shot, key)
    try:
        return solve_camera(
            frames, (clip.width, clip.height), Fraction(clip.rate), masks=masks, settings=settings
        )
    except ValueError as error:
        raise said(error, clip.path) from error
    except ImportError as error:
        raise missing(error, clip.path) from error


def _masks(clip: Clip, shot: Shot, key: KeyTable) -> Iterator[NDArray[np.bool_]] | None:
    """Where the subject is, roughly: what is no screen and larger than a mark. None where there is no screen."""
    from compositing.colour import linear_from_srgb
    from compositing.screen.colour import ScreenColour, find_screen
    from compositing.screen.motion import subject_mask

    if key.matte != "screen":
        return None
    spread = np.unique(np.linspace(shot.start, shot.end - 1, min(5, len(shot))).astype(int))
    samples = [linear_from_srgb(pixels) for pixels in _picked(clip, spread.tolist())]
    try:
        screen: ScreenColour = find_screen(samples, key.screen)
    except ValueError as error:
        raise said(error, clip.path) from error
    return (subject_mask(frame.pixels, screen) for frame in footage.read_frames(clip, shot.start, shot.end))


def _picked(clip: Clip, numbers: list[int]) -> Iterator[Pixels]:
    return (frame.pixels for frame in footage.pick_frames(clip, numbers))


def said(error: ValueError, where: Path) -> StylizeError:
    """A library's sentence as one of ours: what stands after its colon is the hint."""
    what, _, hint = str(error).partition(": ")
    return FootageError(
        f"{what[:1].upper()}{what[1:].rstrip('.')}.", where=where, hint=hint.rstrip(".") or None
    )


def missing(error: ImportError, where: Path) -> StylizeError:
    what, _, hint = str(error).partition(": ")
    if not hint or "stylize[camera]" in hint:
        hint = install_hint("camera")
    return MissingPart(f"{what[:1].upper()}{what[1:].rstrip('.')}.", where=where, hint=hint)
