"""OpenTrackIO (RIS OSVP, 1.0) samples as JSON: a list of them, or one a line. Metres, right-handed, Z up.

A transform's translation is in metres; its rotation is pan, tilt and roll in degrees, the camera's first view along
+Y: pan about Z, then tilt about X, then roll about Y, all counterclockwise.
"""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from compositing.camera.formats.options import Y_FROM_Z, FileOptions
from compositing.camera.record import Camera
from compositing.camera.turns import about
from compositing.errors import UnreadableFile
from compositing.limits import read_text

VERSION = [1, 0, 0]
TRACKER_FROM_CAMERA = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])
"""Our camera's axes (X right, Y up, -Z ahead) in the tracker's (X right, Y ahead, Z up)."""


def read(path: Path, options: FileOptions) -> Camera:
    """Reads a stream of samples; each is a frame.

    Raises:
        UnreadableFile: it is no such stream, or a sample lacks its transform.
    """
    samples = _samples(path)
    try:
        world = np.array([_pose(sample["transforms"]) for sample in samples])
        static = samples[0].get("static", {}).get("camera", {})
        lens = [sample.get("lens", {}) for sample in samples]
        focal = np.array([_focal(each, samples[0]) for each in lens])
    except (KeyError, TypeError, IndexError) as error:
        raise UnreadableFile(
            f"An OpenTrackIO sample lacks {error}.", hint="export transforms and lens with every frame"
        ) from error
    resolution = static.get("activeSensorResolution")
    size = options.picture((int(resolution["width"]), int(resolution["height"])) if resolution else None)
    sensor = static.get("activeSensorPhysicalDimensions")
    back = options.back(size, (float(sensor["width"]), float(sensor["height"])) if sensor else None)
    rate = static.get("captureFrameRate") or samples[0].get("timing", {}).get("sampleRate")
    own = Fraction(int(rate["num"]), int(rate.get("denom", 1))) if rate else None
    shift = lens[0].get("projectionOffset", {})
    return Camera(
        options.world(world, 1.0, "z"),
        focal,
        back,
        size,
        options.rate(own),
        int(samples[0].get("timing", {}).get("sequenceNumber", 0)),
        (float(shift.get("x", 0.0)), float(shift.get("y", 0.0))),
        _distortion(lens[0]),
    )


def _samples(path: Path) -> list[dict[str, Any]]:
    text = read_text(path)
    try:
        loaded = json.loads(text)
        samples = loaded if isinstance(loaded, list) else [loaded]
    except json.JSONDecodeError:
        try:
            samples = [json.loads(line) for line in text.splitlines() if line.strip()]
        except json.JSONDecodeError as error:
            raise UnreadableFile(f"The camera file is neither JSON nor a sample a line: {error}.") from error
    if not samples or not all(isinstance(sample, dict) and "transforms" in sample for sample in samples):
        raise UnreadableFile(
            "The JSON file holds no camera.", hint="neither our record nor OpenTrackIO samples are in it"
        )
    return samples


def _pose(transforms: list[dict[str, Any]]) -> np.ndarray:
    """The camera's place: the transforms follow one another, the base first."""
    world = np.eye(4)
    for each in transforms:
        place, turn = each["translation"], each["rotation"]
        step = np.eye(4)
        step[:3, :3] = about("z", turn["pan"]) @ about("x", turn["tilt"]) @ about("y", turn["roll"])
        step[:3, 3] = place["x"], place["y"], place["z"]
        world = world @ step
    world[:3, :3] = world[:3, :3] @ TRACKER_FROM_CAMERA
    return world


def _focal(lens: dict[str, Any], first: dict[str, Any]) -> float:
    for name in ("pinholeFocalLength", "focalLength"):
        if name in lens:
            return float(lens[name])
    static = first.get("static", {}).get("lens", {})
    return float(static["nominalFocalLength"])


def _distortion(lens: dict[str, Any]) -> tuple[float, ...]:
    """Brown and Conrady's coefficients, of coordinates over the depth; OpenTrackIO lists k1 k2 k3 and p1 p2."""
    for each in lens.get("distortion", []):
        if each.get("model", "Brown-Conrady D-U").startswith("Brown-Conrady U-D"):
            radial = [*each.get("radial", ()), 0.0, 0.0, 0.0]
            tangential = [*each.get("tangential", ()), 0.0, 0.0]
            return (radial[0], radial[1], tangential[0], tangential[1], radial[2])
    return (0.0,) * 5


def write(camera: Camera, path: Path) -> None:
    """Writes a list of samples, one a frame."""
    k1, k2, p1, p2, k3 = camera.distortion
    samples = []
    for number in range(len(camera)):
        world = camera.world[number]
        turn = Y_FROM_Z.T @ world[:3, :3] @ TRACKER_FROM_CAMERA.T
        place = Y_FROM_Z.T @ world[:3, 3]
        tilt = np.arcsin(np.clip(turn[2, 1], -1, 1))
        pan = np.arctan2(-turn[0, 1], turn[1, 1])
        roll = np.arctan2(-turn[2, 0], turn[2, 2])
        lens: dict[str, Any] = {
            "pinholeFocalLength": float(camera.focal_mm[number]),
            "projectionOffset": {"x": camera.shift_mm[0], "y": camera.shift_mm[1]},
        }
        if any(camera.distortion):
            lens["distortion"] = [
                {"model": "Brown-Conrady U-D", "radial": [k1, k2, k3], "tangential": [p1, p2]}
            ]
        sample = {
            "protocol": {"name": "OpenTrackIO", "version": VERSION},
            "timing": {"mode": "external", "sequenceNumber": camera.first_frame + number},
            "transforms": [
                {
                    "id": "Camera",
                    "translation": dict(zip("xyz", map(float, place), strict=True)),
                    "rotation": dict(
                        zip(("pan", "tilt", "roll"), map(float, np.rad2deg([pan, tilt, roll])), strict=True)
                    ),
                }
            ],
            "lens": lens,
        }
        sample["static"] = {
            "camera": {
                "captureFrameRate": {"num": camera.fps.numerator, "denom": camera.fps.denominator},
                "activeSensorPhysicalDimensions": {
                    "width": camera.film_back_mm[0],
                    "height": camera.film_back_mm[1],
                },
                "activeSensorResolution": {"width": camera.size[0], "height": camera.size[1]},
            }
        }
        samples.append(sample)
    path.write_text(json.dumps(samples, indent=1) + "\n", encoding="utf-8")
