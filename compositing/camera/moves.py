"""A camera set by hand: moves with a beginning, an end and a pace, one after another or at once.

The first camera is a tripod at the origin that looks along -Z. Dollies, pans and orbits add up in the order of the
list; a zoom changes the focal length; a shake lies over everything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from compositing.camera.record import Camera, full_frame
from compositing.camera.turns import about
from compositing.errors import InvalidSetting

Floats = NDArray[Any]
Ease = Literal["linear", "in", "out", "in-out"]
KINDS: dict[str, tuple[str, ...]] = {
    "dolly": ("forward_m", "right_m", "up_m"),
    "pan": ("degrees", "tilt_deg", "roll_deg"),
    "orbit": ("degrees", "distance_m"),
    "zoom": ("to_mm",),
    "shake": ("degrees", "metres", "hertz", "seed"),
}
"""Each kind of move, and its amounts, besides `start`, `end` (frames) and `ease`."""


@dataclass(frozen=True)
class Move:
    """One move of a camera.

    Attributes:
        kind: see `KINDS`.
        amounts: by name. Metres and degrees are how far it goes in all; positive is forward, right, up, to the
            left (pan), upwards (tilt), counterclockwise (roll). An orbit swings to the right around a point
            `distance_m` ahead and keeps looking at it. A zoom ends at `to_mm`. A shake is a hand's tremor of
            `degrees` and `metres` (standard deviations), at about `hertz`.
        start, end: frames from 0, `end` included; None is the shot's last.
        ease: its pace.
    """

    kind: str
    amounts: Mapping[str, float]
    start: int = 0
    end: int | None = None
    ease: Ease = "in-out"


def read_move(table: Mapping[str, Any]) -> Move:
    """A move from a TOML table: kind = "dolly", forward_m = 0.5, start = 0, end = 48, ease = "in-out".

    Raises:
        InvalidSetting: an unknown kind or key, or a value that is not a number.
    """
    kind = table.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        raise InvalidSetting(f"A camera move is one of {', '.join(KINDS)}, not {kind!r}.")
    known = (*KINDS[kind], "kind", "start", "end", "ease")
    for name, value in table.items():
        if name not in known:
            raise InvalidSetting(
                f"A camera move of the kind {kind} has no {name!r}.",
                hint=f"it has {', '.join(KINDS[kind])}, start, end and ease",
            )
        if name in KINDS[kind] and not (isinstance(value, int | float) and np.isfinite(value)):
            raise InvalidSetting(f"The {name} of a {kind} must be a number, not {value!r}.")
    ease = table.get("ease", "in-out")
    if ease not in get_args(Ease):
        raise InvalidSetting(f"A move's ease is one of {', '.join(get_args(Ease))}, not {ease!r}.")
    start, end = table.get("start", 0), table.get("end")
    if not isinstance(start, int) or not (end is None or isinstance(end, int)) or start < 0:
        raise InvalidSetting(f"A {kind}'s start and end are frame numbers from 0.")
    if end is not None and end <= start:
        raise InvalidSetting(f"A {kind} ends at frame {end}, which is not after its start, {start}.")
    amounts = {name: float(value) for name, value in table.items() if name in KINDS[kind]}
    if kind == "zoom" and amounts.get("to_mm", 0) <= 0:
        raise InvalidSetting("A zoom needs to_mm, a focal length above zero.")
    if kind == "orbit" and amounts.get("distance_m", 4.0) <= 0:
        raise InvalidSetting("An orbit's distance_m must be above zero.")
    return Move(kind, amounts, start, end, ease)


def moved_camera(
    moves: Sequence[Move],
    frames: int,
    size: tuple[int, int],
    fps: Fraction,
    *,
    focal_mm: float = 35.0,
    film_back_mm: tuple[float, float] | None = None,
    base: Camera | None = None,
) -> Camera:
    """The camera that makes these moves.

    Args:
        moves: in order.
        frames: of the shot.
        size: of the picture, px.
        fps: frames a second.
        focal_mm, film_back_mm: of the lens; the back is a full frame's by default.
        base: a camera that the moves lie over, such as a solved one, in place of the tripod.

    Raises:
        ValueError: the base camera has another number of frames.
    """
    if base is not None and len(base) != frames:
        raise ValueError(f"the camera has {len(base)} frames, the shot {frames}.")
    back = film_back_mm or full_frame(size)
    camera = base or Camera(
        np.tile(np.eye(4), (frames, 1, 1)), np.full(frames, float(focal_mm)), back, size, fps
    )
    path, focal = np.tile(np.eye(4), (frames, 1, 1)), camera.focal_mm.copy()
    for move in moves:
        part = _pace(move, frames)
        if move.kind == "zoom":  # even in the logarithm: each frame is enlarged as much as the one before
            focal = focal * (move.amounts["to_mm"] / focal) ** part
        else:
            path = path @ _STEPS[move.kind](move.amounts, part, float(fps))
    return Camera(
        camera.world @ path,
        focal,
        camera.film_back_mm,
        camera.size,
        camera.fps,
        camera.first_frame,
        camera.shift_mm,
        camera.distortion,
    )


def _pace(move: Move, frames: int) -> Floats:
    """How much of a move is done at each frame, 0 to 1."""
    end = frames - 1 if move.end is None else move.end
    time = np.clip((np.arange(frames) - move.start) / max(end - move.start, 1), 0, 1)
    match move.ease:
        case "in":
            return time * time
        case "out":
            return 1 - (1 - time) ** 2
        case "in-out":
            return time * time * (3 - 2 * time)
    return time


def _poses(rotation: Floats, shift: Floats) -> Floats:
    poses = np.tile(np.eye(4), (len(shift), 1, 1))
    poses[:, :3, :3] = rotation
    poses[:, :3, 3] = shift
    return poses


def _dolly(amounts: Mapping[str, float], part: Floats, fps: float) -> Floats:
    whole = np.array([amounts.get("right_m", 0.0), amounts.get("up_m", 0.0), -amounts.get("forward_m", 0.0)])
    return _poses(np.eye(3), part[:, None] * whole)


def _pan(amounts: Mapping[str, float], part: Floats, fps: float) -> Floats:
    turns = about("y", amounts.get("degrees", 0.0) * part) @ about("x", amounts.get("tilt_deg", 0.0) * part)
    return _poses(turns @ about("z", amounts.get("roll_deg", 0.0) * part), np.zeros((len(part), 3)))


def _orbit(amounts: Mapping[str, float], part: Floats, fps: float) -> Floats:
    turns = about("y", amounts.get("degrees", 0.0) * part)
    middle = np.array([0.0, 0.0, -amounts.get("distance_m", 4.0)])
    return _poses(turns, middle - turns @ middle)


def _shake(amounts: Mapping[str, float], part: Floats, fps: float) -> Floats:
    """Smooth noise about a pace of `hertz`; it comes and goes with the move's ease over half a second."""
    frames = len(part)
    rng = np.random.default_rng(int(amounts.get("seed", 0)))
    spread = max(fps / (4 * max(amounts.get("hertz", 3.0), 0.01)), 0.3)
    reach = int(np.ceil(4 * spread))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / spread) ** 2)
    kernel /= np.sqrt((kernel**2).sum())
    noise = rng.standard_normal((6, frames + 2 * reach))
    smooth = np.stack([np.convolve(row, kernel, "valid") for row in noise], 1)
    active = ((part > 0) & (part < 1)) | ((part == part.max()) & (part.max() < 1))
    present = np.flatnonzero(active)
    strength = np.zeros(frames)
    if len(present):
        first, last = max(present[0] - 1, 0), min(present[-1] + 1, frames - 1)
        at, ramp = np.arange(frames), max(fps / 2, 1.0)
        within = (at >= first) & (at <= last)
        opening = np.ones(frames) if first == 0 else np.clip((at - first) / ramp, 0, 1)
        closing = np.ones(frames) if last == frames - 1 else np.clip((last - at) / ramp, 0, 1)
        strength = within * np.minimum(opening, closing)
    angles = strength[:, None] * smooth[:, :3] * amounts.get("degrees", 0.3) * (1.0, 1.0, 0.5)
    turns = about("y", angles[:, 0]) @ about("x", angles[:, 1]) @ about("z", angles[:, 2])
    return _poses(turns, strength[:, None] * smooth[:, 3:] * amounts.get("metres", 0.0))


_STEPS = {"dolly": _dolly, "pan": _pan, "orbit": _orbit, "shake": _shake}
