"""The shot: she walks before the screen and waves; the camera pans with her on its tripod."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import cv2
import numpy as np
from numpy.typing import NDArray

from compositing.camera.record import Camera, View
from compositing.camera.turns import about
from compositing.colour import srgb_from_linear
from examples.greenscreen.stage import FLOOR_Y, Stage
from examples.sample.figure import Figure
from examples.sample.light import shade_figure
from examples.sample.march import trace
from examples.sample.skeleton import STEP_HZ, Action
from examples.sample.texture import vec

Floats = NDArray[np.float32]

RATE = 24
FOCAL_MM, FILM_BACK_MM = 28.0, (36.0, 20.25)
PAN_DEG, TILT_DEG = 11.0, -3.5
SHUTTER = 0.5
EXPOSURE = 0.30
"""From the sunlit set's light to the stage's."""
_SPILL = (0.006, 0.085, 0.016)
_SHADE = 0.32
"""How much light her shadow takes from the floor."""
_JITTER = ((0.25, 0.375), (0.75, 0.625), (0.375, 0.75), (0.625, 0.25))
_AWAY_M = 3.35


@dataclass(frozen=True)
class Shot:
    """The shot at some size and length; `samples` sub-frames a frame, 1 to 4."""

    width: int = 640
    height: int = 360
    frames: int = 48
    samples: int = 2

    def camera(self) -> Camera:
        """The truth: a tripod's pan with a little tilt, eased in and out."""
        part = np.linspace(0, 1, self.frames)
        eased = part * part * (3 - 2 * part)
        world = np.tile(np.eye(4), (self.frames, 1, 1))
        world[:, :3, :3] = about("y", PAN_DEG * (0.5 - eased)) @ about("x", TILT_DEG + 0.6 * np.sin(3 * part))
        focal = np.full(self.frames, FOCAL_MM)
        return Camera(world, focal, FILM_BACK_MM, (self.width, self.height), Fraction(RATE))

    def action(self, frame: float) -> Action:
        """What she does at a moment."""
        time_s = frame / RATE
        part = frame / max(self.frames - 1, 1)
        return Action(
            place=(-0.62 + 1.15 * part, _AWAY_M - 0.12 * part),
            yaw_deg=150.0,
            gait=0.3 + 0.62 * STEP_HZ * time_s,
            wave=1.5 * time_s,
            head_yaw=24.0,
            head_pitch=1.0,
            head_roll=-3.0,
            smile=0.8,
        )

    def render_truth(self, frame: int) -> tuple[Floats, Camera]:
        """Her true matte at a frame, (H, W), and the camera."""
        camera, alpha = self.camera(), np.zeros((self.height, self.width), np.float32)
        for number in range(self.samples):
            moment = frame + SHUTTER * ((number + 0.5) / self.samples - 0.5)
            alpha += (
                expose(Figure(self.action(moment)), camera.view(moment), _JITTER[number])[..., 3]
                / self.samples
            )
        return alpha, camera

    def render(self, stage: Stage, frame: int) -> tuple[Floats, Floats, Floats]:
        """One frame.

        Returns:
            The plate, (H, W, 3) display-referred with noise; her own light, premultiplied and scene-linear, with
            alpha, (H, W, 4): the truth; and the empty stage, (H, W, 3) scene-linear.
        """
        camera = self.camera()
        person, empty = np.zeros((self.height, self.width, 4), np.float32), None
        shade = np.zeros((self.height, self.width), np.float32)
        for number in range(self.samples):
            moment = frame + SHUTTER * ((number + 0.5) / self.samples - 0.5)
            figure, view = Figure(self.action(moment)), camera.view(moment)
            person += expose(figure, view, _JITTER[number]) / self.samples
            if number == 0:
                shade = floor_shadow(figure, view)
        empty = stage.render(camera.view(frame)) * (1 - _SHADE * shade)[..., None]
        edge = cv2.GaussianBlur(1 - person[..., 3], (0, 0), self.height / 60) * person[..., 3]
        person[..., :3] += (0.25 * person[..., 3] + edge)[..., None] * np.array(_SPILL, np.float32)
        light = person[..., :3] + empty * (1 - person[..., 3:])
        rng = np.random.default_rng((frame, 41))
        noise = cv2.GaussianBlur(rng.standard_normal(light.shape).astype(np.float32), (0, 0), 0.5) * 0.010
        return np.clip(srgb_from_linear(light) + noise, 0, 1), person, empty


def expose(figure: Figure, view: View, jitter: tuple[float, float]) -> Floats:
    """Her alone: (H, W, 4), premultiplied, scene-linear. In her world z goes away, and the floor is at 0."""
    width, height = view.size
    x, y = np.meshgrid(np.arange(width) + jitter[0] - 0.5, np.arange(height) + jitter[1] - 0.5)
    rays = view.rays(np.stack([x.ravel(), y.ravel()], 1)).T.astype(np.float32) * vec([[1], [1], [-1]])
    origin = vec(view.position * (1, 1, -1)) - vec([0, FLOOR_Y, 0])
    spread = 1 / float(view.matrix[0, 0])
    enter, leave = figure.span(origin, rays)
    touch = max(0.25 * spread * float(np.linalg.norm(figure.centre - origin)), 0.0004)
    depth = trace(figure.distance, origin, rays, enter, leave, touch)
    out = np.zeros((rays.shape[1], 4), np.float32)
    hit = np.flatnonzero(np.isfinite(depth))
    if hit.size:
        seen = rays[:, hit]
        points = origin[:, None] + seen * depth[hit]
        shaded = shade_figure(figure, points, seen, float(np.median(depth[hit])) * spread)
        lit = EXPOSURE * shaded
        out[hit, :3] = lit / (1 + 0.35 * lit)  # the camera's shoulder
        out[hit, 3] = 1
    return out.reshape(height, width, 4)


def floor_shadow(figure: Figure, view: View) -> Floats:
    """Her soft shadow on the floor: how much of the light is gone, (H, W) in [0, 1]."""
    width, height = view.size
    place = figure.action.place
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    rays = view.rays(np.stack([x.ravel(), y.ravel()], 1))
    down = np.where(rays[:, 1] < -1e-4, FLOOR_Y / np.minimum(rays[:, 1], -1e-4), np.inf)
    with np.errstate(invalid="ignore"):
        across, away = rays[:, 0] * down - place[0], -rays[:, 2] * down - place[1]
        near = np.exp(-((across / 0.26) ** 2) - ((away - 0.06) / 0.20) ** 2)
    return np.where(np.isfinite(down), np.nan_to_num(near), 0).reshape(height, width).astype(np.float32)
