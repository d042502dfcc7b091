"""glTF cameras: a perspective camera on a node, moved by an animation. Metres, Y up; a field of view, no back."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compositing.camera.formats.options import FileOptions, fps_of, frame_count, is_frame_rate
from compositing.camera.record import Camera
from compositing.camera.turns import from_quaternion, quaternion
from compositing.errors import InvalidSetting, UnreadableFile
from compositing.gltf import Document, local_matrix, open_document, pose, write_glb

Array = NDArray[Any]


def read(path: Path, options: FileOptions) -> Camera:
    """Reads the first perspective camera with the motion of its node and of those above it.

    Frames are taken at the rate given, else at that of the keys where it can be one, else at 24.

    Raises:
        UnreadableFile: the file is broken or holds no perspective camera.
    """
    document = open_document(path)
    cameras = document.entries("cameras")
    chain = _chain(document, cameras)
    table = cameras[document.entries("nodes")[chain[-1]]["camera"]]["perspective"]
    extras = table.get("extras", {})
    tracks = _tracks(document, set(chain))
    keys = np.unique(np.concatenate([track[0] for track in tracks.values()] or [np.zeros(1)]))
    own = fps_of(extras["fps"]) if "fps" in extras else _rate(keys)
    rate = options.rate(own)
    near = own is not None and abs(rate / own - 1) < 0.01  # 24 is written where 23.976 is meant
    step = 1 / float(own if near and own else rate)
    count = frame_count(float(keys[-1] - keys[0]), step)
    times = keys[0] + np.arange(count) * step
    world = np.array([_world(document, chain, tracks, float(time)) for time in times])
    size = options.picture(tuple(extras["size_px"]) if "size_px" in extras else None)
    back = options.back(size, tuple(extras["film_back_mm"]) if "film_back_mm" in extras else None)
    focal = np.full(count, back[1] / (2 * np.tan(float(table["yfov"]) / 2)))
    if "focal_mm" in extras and len(extras["focal_mm"]) == count:
        focal = np.array(extras["focal_mm"], np.float64)
    return Camera(
        options.world(world, 1.0, "y"),
        focal,
        back,
        size,
        rate,
        int(extras.get("first_frame", 0)),
        tuple(extras.get("shift_mm", (0.0, 0.0))),
        tuple(extras.get("distortion_k1_k2_p1_p2_k3", (0.0,) * 5)),
    )


def _chain(document: Document, cameras: list[dict[str, Any]]) -> list[int]:
    """The camera's node and those above it, the root first."""
    nodes = document.entries("nodes")
    above = {child: number for number, node in enumerate(nodes) for child in node.get("children", [])}
    for number, node in enumerate(nodes):
        if "camera" in node and cameras[node["camera"]].get("type") == "perspective":
            chain = [number]
            while chain[-1] in above and len(chain) <= len(nodes):
                chain.append(above[chain[-1]])
            return chain[::-1]
    raise UnreadableFile("The glTF file holds no perspective camera.", hint="export the camera too")


def _tracks(document: Document, nodes: set[int]) -> dict[tuple[int, str], tuple[Array, Array, str]]:
    """Times, values and interpolation of the channels that move these nodes."""
    found = {}
    for animation in document.entries("animations"):
        for channel in animation["channels"]:
            target = channel["target"]
            if target.get("node") in nodes and target["path"] in ("translation", "rotation", "scale"):
                sampler = animation["samplers"][channel["sampler"]]
                times = document.accessor(sampler["input"])[:, 0].astype(np.float64)
                values = document.accessor(sampler["output"]).astype(np.float64)
                way = sampler.get("interpolation", "LINEAR")
                found[target["node"], target["path"]] = (times, values, way)
    return found


def _rate(keys: Array) -> Fraction | None:
    if len(keys) < 2:
        return None
    rate = 1 / float(np.median(np.diff(keys)))
    return fps_of(rate) if is_frame_rate(rate) else None


def _world(document: Document, chain: list[int], tracks: dict[Any, Any], time: float) -> Array:
    world = np.eye(4)
    for number in chain:
        node = document.entries("nodes")[number]
        if not any((number, path) in tracks for path in ("translation", "rotation", "scale")):
            world = world @ local_matrix(node)
            continue
        shift = _value(tracks.get((number, "translation")), time, node.get("translation", (0, 0, 0)))
        spin = _value(tracks.get((number, "rotation")), time, node.get("rotation", (0, 0, 0, 1)))
        scale = _value(tracks.get((number, "scale")), time, node.get("scale", (1, 1, 1)))
        world = world @ pose(shift, from_quaternion(spin[3], spin[:3]), scale)
    return world


def _value(track: tuple[Array, Array, str] | None, time: float, still: Any) -> Array:
    """A channel's value; turns go the shortest way (four numbers are a quaternion)."""
    if track is None:
        return np.asarray(still, np.float64)
    times, values, way = track
    if way == "CUBICSPLINE":
        return _spline(times, values.reshape(len(times), 3, -1), time)
    place = int(np.clip(np.searchsorted(times, time + 1e-9) - 1, 0, max(len(times) - 2, 0)))
    if len(times) == 1 or way == "STEP":
        return np.asarray(values[int(np.clip(np.searchsorted(times, time + 1e-6) - 1, 0, len(times) - 1))])
    part = np.clip((time - times[place]) / max(times[place + 1] - times[place], 1e-12), 0, 1)
    one, other = values[place], values[place + 1]
    if len(one) != 4:
        return np.asarray((1 - part) * one + part * other)
    other = other if one @ other >= 0 else -other
    angle = np.arccos(np.clip(one @ other, -1, 1))
    if angle < 1e-6:
        return np.asarray((1 - part) * one + part * other)
    return np.asarray((np.sin((1 - part) * angle) * one + np.sin(part * angle) * other) / np.sin(angle))


def _spline(times: Array, knots: Array, time: float) -> Array:
    """A cubic Hermite spline (glTF 2.0, appendix C.5); each knot holds a tangent in, a value, a tangent out."""
    place = int(np.clip(np.searchsorted(times, time + 1e-9) - 1, 0, max(len(times) - 2, 0)))
    if len(times) == 1 or not times[0] <= time <= times[-1]:
        value = knots[0 if time <= times[0] else -1, 1]
    else:
        length = times[place + 1] - times[place]
        t = (time - times[place]) / max(length, 1e-12)
        value = (
            (2 * t**3 - 3 * t**2 + 1) * knots[place, 1]
            + length * (t**3 - 2 * t**2 + t) * knots[place, 2]
            + (3 * t**2 - 2 * t**3) * knots[place + 1, 1]
            + length * (t**3 - t**2) * knots[place + 1, 0]
        )
    return np.asarray(value / np.linalg.norm(value) if len(value) == 4 else value)


def write(camera: Camera, path: Path) -> None:
    """Writes a .glb with one camera and its animation; what glTF does not know lies in its `extras`.

    Raises:
        InvalidSetting: another suffix than .glb is asked for.
    """
    if path.suffix.lower() != ".glb":
        raise InvalidSetting("A glTF camera is written as one file.", hint="name it .glb")
    real, rest = quaternion(camera.world[:, :3, :3])
    spins = np.concatenate([rest, real[:, None]], axis=1)
    for number in range(1, len(spins)):  # the shorter way round
        if spins[number] @ spins[number - 1] < 0:
            spins[number] *= -1
    times = np.arange(len(camera)) / float(camera.fps)
    arrays = [
        times.astype(np.float32)[:, None],
        camera.world[:, :3, 3].astype(np.float32),
        spins.astype(np.float32),
    ]
    field = 2 * float(np.arctan(camera.film_back_mm[1] / (2 * camera.focal_mm[0])))
    extras = {
        "fps": float(camera.fps),
        "first_frame": camera.first_frame,
        "size_px": list(camera.size),
        "film_back_mm": list(camera.film_back_mm),
        "shift_mm": list(camera.shift_mm),
        "distortion_k1_k2_p1_p2_k3": list(camera.distortion),
        "focal_mm": camera.focal_mm.tolist(),
    }
    perspective = {
        "yfov": field,
        "aspectRatio": camera.film_back_mm[0] / camera.film_back_mm[1],
        "znear": 0.01,
        "extras": extras,
    }
    table = {
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"name": camera.name, "camera": 0}],
        "cameras": [{"type": "perspective", "perspective": perspective}],
        "animations": [
            {
                "samplers": [{"input": 0, "output": 1}, {"input": 0, "output": 2}],
                "channels": [
                    {"sampler": 0, "target": {"node": 0, "path": "translation"}},
                    {"sampler": 1, "target": {"node": 0, "path": "rotation"}},
                ],
            }
        ],
    }
    write_glb(path, table, arrays)
