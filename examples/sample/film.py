"""The shot list, and how one frame is exposed."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from . import lens
from .camera import Camera
from .figure import Figure
from .light import shade_figure
from .march import trace
from .scene import Street
from .shapes import step
from .skeleton import STEP_HZ, Action
from .texture import Floats, vec

RATE = 24
CUT_AT = 2.2 / 3.5
"""Where the hard cut falls, as a part of the clip."""
SHUTTER = 0.5
"""The part of a frame's time that the shutter is open (180 degrees)."""
_JITTER = ((0.375, 0.125), (0.875, 0.375), (0.125, 0.625), (0.625, 0.875))
"""Where in the pixel each sub-frame looks (rotated grid)."""
_WALK_M_S = 1.18


def _ease(part: float) -> float:
    return float(step(0.0, 1.0, vec(part)))


def walk(time_s: float) -> tuple[Camera, Action]:
    """Shot 1: she walks up the pavement and waves; the camera draws back and pans a little."""
    z = 6.35 - _WALK_M_S * time_s
    x = 0.06 - 0.05 * time_s
    wave = _ease((time_s - 0.1) / 0.3)
    action = Action(
        place=(x, z),
        yaw_deg=184.0,
        gait=0.35 + STEP_HZ * time_s,
        wave=1.75 * time_s * wave,
        head_yaw=-9.0 + 2 * np.sin(1.5 * time_s),
        head_pitch=2.0,
        head_roll=-3.0,
        gaze=(-1.0, 0.0),
        smile=0.8,
    )
    camera = Camera(
        position=(0.62 - 0.10 * time_s, 1.28 + 0.02 * time_s, 0.75 - 0.42 * time_s),
        target=(0.20 - 0.08 * time_s, 0.90 + 0.05 * time_s, 6.0 - _WALK_M_S * time_s),
        field_deg=39.0,
        focus_m=z - 0.75 + 0.42 * time_s,
        aperture_m=0.022,
        roll_deg=0.25 * np.sin(2.1 * time_s),
    )
    return camera, action


def portrait(time_s: float) -> tuple[Camera, Action]:
    """Shot 2: she has stopped, turns her head to the camera, blinks and smiles; a slow push in."""
    look = _ease((time_s - 0.05) / 0.75)
    blink = float(np.exp(-(((time_s - 0.55) / 0.065) ** 2)))
    action = Action(
        place=(0.25, 3.2),
        yaw_deg=196.0,
        head_yaw=-24.0 + 24.0 * look,
        head_pitch=1.0 - 1.5 * look,
        head_roll=-2.0 - 1.0 * look,
        gaze=(-10.0 + 8.0 * look, 0.5),
        blink=blink,
        smile=0.35 + 0.6 * _ease((time_s - 0.4) / 0.7),
    )
    push = 0.09 * time_s
    camera = Camera(
        position=(-0.24 + 0.02 * time_s, 1.50, 1.62 + push),
        target=(0.12, 1.492, 3.2),
        field_deg=34.0,
        focus_m=1.58 - push,
        aperture_m=0.045,
        roll_deg=0.2 * np.sin(1.7 * time_s),
    )
    return camera, action


@dataclass(frozen=True)
class Film:
    """The clip at some size and length.

    Args:
        width, height: in pixels, even.
        seconds: how long; the shots keep their proportions, their action its own speed.
        samples: sub-frames a frame, from 1 to 4.
    """

    width: int = 640
    height: int = 360
    seconds: float = 3.5
    samples: int = 4

    @property
    def frame_count(self) -> int:
        return round(self.seconds * RATE)

    @property
    def cut(self) -> int:
        """The first frame of the second shot."""
        return round(self.frame_count * CUT_AT)

    def moment(self, frame: float) -> tuple[Camera, Action]:
        """Camera and action at a time given in frames; which shot is decided by the whole frame."""
        if int(frame) < self.cut:
            return walk(frame / RATE)
        return portrait((frame - self.cut) / RATE)

    def render(self, street: Street, frame: int) -> Floats:
        """Frame `frame` of the clip: (height, width, 3) float32 RGB in [0, 1], display-referred."""
        shape = (self.height, self.width)
        back, depth = np.zeros((*shape, 3), np.float32), np.zeros(shape, np.float32)
        person = np.zeros((*shape, 4), np.float32)
        backs = {0, self.samples - 1}  # the set is soft and still: its first and last sub-frame do
        for number in range(self.samples):
            camera, action = self.moment(frame + SHUTTER * number / self.samples)
            figure = Figure(action)
            rays = camera.rays(self.width, self.height, _JITTER[number])
            spread = 1 / camera.focal_px(self.width)
            origin = vec(camera.position)
            if number in backs:
                colour, far = street.render(origin, rays, spread, figure)
                back += colour.reshape(*shape, 3) / len(backs)
                depth += far.reshape(shape) / len(backs)
            person += _expose(figure, origin, rays, spread).reshape(*shape, 4) / self.samples
        camera, _ = self.moment(frame)
        blurred = lens.defocus(back, camera.blur_px(depth, self.width))
        person = vec(cv2.GaussianBlur(person, (0, 0), 0.45))
        picture = blurred * (1 - person[..., 3:]) + person[..., :3]
        return lens.develop(picture, 0.45, 0.008, np.random.default_rng((frame, 77)))


def _expose(figure: Figure, origin: Floats, rays: Floats, spread: float) -> Floats:
    """The person alone: premultiplied radiance and coverage, (N, 4)."""
    out = np.zeros((rays.shape[1], 4), np.float32)
    enter, leave = figure.span(origin, rays)
    touch = max(0.25 * spread * float(np.linalg.norm(figure.centre - origin)), 0.0004)
    depth = trace(figure.distance, origin, rays, enter, leave, touch)
    hit = np.flatnonzero(np.isfinite(depth))
    if hit.size:
        seen = rays[:, hit]
        points = origin[:, None] + seen * depth[hit]
        out[hit, :3] = shade_figure(figure, points, seen, float(np.median(depth[hit])) * spread)
        out[hit, 3] = 1
    return out
