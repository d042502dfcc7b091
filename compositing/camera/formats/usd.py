"""USD cameras (UsdGeomCamera), by Pixar's usd-core. Apertures and focal lengths are tenths of the scene's unit."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from compositing.camera.formats.options import FileOptions, fps_of, frame_count, is_frame_rate
from compositing.camera.record import Camera
from compositing.errors import UnreadableFile, missing_camera_package
from compositing.limits import read_file


def load_usd() -> Any:
    """The package `pxr`.

    Raises:
        MissingPackage: it is not installed.
    """
    with _uninterrupted():
        try:
            import pxr
            from pxr import Gf, Sdf, Tf, Usd, UsdGeom  # noqa: F401
        except ImportError as error:
            raise missing_camera_package("USD files are read by usd-core, which is not installed.") from error
    return pxr


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Holds signals back while its libraries are loaded: half-loaded ones print tracebacks of their own."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def read(path: Path, options: FileOptions) -> Camera:
    """Reads the first camera of a stage over the stage's own frames, or those of its samples.

    Raises:
        UnreadableFile: the file is broken or holds no camera.
        MissingPackage: usd-core is not installed.
    """
    load_usd()
    from pxr import Tf, Usd, UsdGeom

    try:
        read_file(path)
        stage = Usd.Stage.Open(str(path))
    except Tf.ErrorException as error:
        raise UnreadableFile("The USD file cannot be read.", hint="export it again") from error
    _check_references(stage, path)
    cameras = [prim for prim in stage.Traverse() if prim.IsA(UsdGeom.Camera)]
    if not cameras:
        raise UnreadableFile("The USD file holds no camera.", hint="export the camera too")
    camera = UsdGeom.Camera(cameras[0])
    rate = _rate(stage, options)
    times = _times(stage, cameras[0], _codes_a_frame(stage, rate))
    unit = UsdGeom.GetStageMetersPerUnit(stage)
    up = "z" if UsdGeom.GetStageUpAxis(stage) == UsdGeom.Tokens.z else "y"
    worlds, focals = [], []
    for time in times:
        seen = camera.GetCamera(Usd.TimeCode(time))
        worlds.append(np.array(seen.transform).T)  # USD's matrices take rows
        focals.append(seen.focalLength)
    first = camera.GetCamera(Usd.TimeCode(times[0]))
    back = (first.horizontalAperture, first.verticalAperture)
    size = options.picture(_size(cameras[0]))
    if back[1] <= 0:
        back = (back[0], back[0] * size[1] / size[0])
    film = options.back(size, back)
    focal = np.array(focals) * film[0] / back[0]
    shift = (first.horizontalApertureOffset, first.verticalApertureOffset)
    distortion = cameras[0].GetAttribute("compositing:distortion").Get()
    return Camera(
        options.world(np.array(worlds), unit, up),
        focal,
        film,
        size,
        rate,
        round(times[0] / _codes_a_frame(stage, rate)),
        (float(shift[0]), float(shift[1])),
        tuple(float(each) for each in distortion) if distortion else (0.0,) * 5,
    )


def _check_references(stage: Any, path: Path) -> None:
    """Refuses a stage that is put together from files outside its own folder: a stranger's file must not choose
    what is read of this machine."""
    home = path.parent.resolve()
    for layer in stage.GetUsedLayers():
        if layer.realPath and not Path(layer.realPath).resolve().is_relative_to(home):
            raise UnreadableFile(
                f"The USD file is put together from another place: {layer.realPath}.",
                hint="keep its files in one folder, or export it as one file",
            )


def _said(stage: Any) -> tuple[float | None, float | None]:
    """Frames and time codes a second, where the stage says them."""
    layer = stage.GetRootLayer()
    frames = layer.framesPerSecond if layer.HasFramesPerSecond() else None
    codes = layer.timeCodesPerSecond if layer.HasTimeCodesPerSecond() else None
    return frames or None, codes or None


def _rate(stage: Any, options: FileOptions) -> Fraction:
    """The user's frames a second, else the stage's, by its codes where they can be frames, else 24."""
    frames, codes = _said(stage)
    own = frames or (codes if codes and is_frame_rate(codes) else None)
    return options.rate(fps_of(own) if own else None)


def _codes_a_frame(stage: Any, rate: Fraction) -> float:
    """How many time codes lie between two frames. A code is a frame unless the stage says otherwise: by another
    rate of frames, or by codes that can be none, such as seconds."""
    frames, codes = _said(stage)
    if codes is None:
        return 1.0
    named = frames is not None and is_frame_rate(frames)
    if is_frame_rate(codes):
        return codes / frames if named and frames else 1.0
    near = named and frames and abs(float(rate) / frames - 1) < 0.01  # 24 is written where 23.976 is meant
    return codes / (frames if near and frames else float(rate))


def _times(stage: Any, prim: Any, step: float) -> list[float]:
    samples: set[float] = set()
    above = prim
    while above and above.GetPath().pathString != "/":
        for attribute in above.GetAttributes():
            samples |= set(attribute.GetTimeSamples())
        above = above.GetParent()
    if stage.HasAuthoredTimeCodeRange():
        first, last = stage.GetStartTimeCode(), stage.GetEndTimeCode()
    elif samples:
        first, last = min(samples), max(samples)
    else:
        first = last = 0.0
    if not np.isfinite([first, last]).all():
        raise UnreadableFile(f"The USD file has no frames from {first:g} to {last:g}.")
    return [first + number * step for number in range(frame_count(last - first, step))]


def _size(prim: Any) -> tuple[int, int] | None:
    size = prim.GetAttribute("compositing:size").Get()
    return (int(size[0]), int(size[1])) if size else None


def write(camera: Camera, path: Path) -> None:
    """Writes a stage in metres, Y up, with one camera; film back and focal length keep their ratio and are written
    in millimetres, as most programs read them.

    Raises:
        MissingPackage: usd-core is not installed.
    """
    load_usd()
    from pxr import Gf, Sdf, Usd, UsdGeom

    stage = Usd.Stage.CreateInMemory(path.suffix)
    UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.y)
    UsdGeom.SetStageMetersPerUnit(stage, 1.0)
    first, last = camera.first_frame, camera.first_frame + len(camera) - 1
    stage.SetStartTimeCode(first)
    stage.SetEndTimeCode(last)
    stage.SetTimeCodesPerSecond(float(camera.fps))
    stage.SetFramesPerSecond(float(camera.fps))
    prim = UsdGeom.Camera.Define(stage, "/camera")
    stage.SetDefaultPrim(prim.GetPrim())
    prim.CreateHorizontalApertureAttr(camera.film_back_mm[0])
    prim.CreateVerticalApertureAttr(camera.film_back_mm[1])
    prim.CreateHorizontalApertureOffsetAttr(camera.shift_mm[0])
    prim.CreateVerticalApertureOffsetAttr(camera.shift_mm[1])
    focal, place = prim.CreateFocalLengthAttr(), prim.MakeMatrixXform()
    for number in range(len(camera)):
        time = Usd.TimeCode(first + number)
        focal.Set(float(camera.focal_mm[number]), time)
        place.Set(Gf.Matrix4d(camera.world[number].T.tolist()), time)
    own = prim.GetPrim()
    own.CreateAttribute("compositing:size", Sdf.ValueTypeNames.Int2).Set(Gf.Vec2i(*camera.size))
    own.CreateAttribute("compositing:distortion", Sdf.ValueTypeNames.DoubleArray).Set(list(camera.distortion))
    stage.GetRootLayer().Export(str(path))
