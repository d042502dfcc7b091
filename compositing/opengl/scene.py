"""Where a model stands and what light falls on it, as numbers for the shaders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compositing.camera.record import View
from compositing.camera.turns import about
from compositing.gltf.model import Lamp

Array = NDArray[Any]

NEAR_M = 0.02
"""What is nearer to the camera than this is not drawn."""
MOST_LAMPS = 8
"""The first lamps of a model shine, no more."""
LUMENS_PER_WATT = 683
"""By the definition of the candela: 683 lm are a watt of green light."""


@dataclass(frozen=True)
class Placement:
    """Where a model stands in the world.

    Attributes:
        position: of the model's origin, metres.
        heading_deg: how far it is turned to the right about its own upright.
        scale: of it.
    """

    position: tuple[float, float, float] = (0.0, 0.0, 0.0)
    heading_deg: float = 0.0
    scale: float = 1.0

    @cached_property
    def turn(self) -> Array:
        """The model's turn and scale, (3, 3)."""
        return about("y", -self.heading_deg) * self.scale

    def points(self, positions: Array) -> Array:
        """Points of the model, (N, 3), in the world."""
        return positions @ self.turn.T + np.asarray(self.position, np.float64)

    def normals(self, normals: Array) -> Array:
        """Normals of the model, (N, 3), in the world; their length is kept."""
        return normals @ (self.turn.T / self.scale)


@dataclass(frozen=True)
class Daylight:
    """The sun and the sky over a model.

    Attributes:
        towards_sun: a direction of any length.
        strength: the sun's irradiance over pi on a wall that faces it.
        sky: the sky's colour, scene-linear: the light from above, and what is seen where nothing stands.
    """

    towards_sun: tuple[float, float, float] = (0.4, 0.8, 0.45)
    strength: float = 2.2
    sky: tuple[float, float, float] = (0.45, 0.62, 0.90)

    @cached_property
    def direction(self) -> Array:
        """Towards the sun, (3,), of unit length."""
        sun = np.asarray(self.towards_sun, np.float64)
        return sun / max(float(np.linalg.norm(sun)), 1e-9)

    def uniforms(self) -> dict[str, Array]:
        """What the surface shader calls the sun, the sky and the ground. A sun below the horizon gives no light."""
        sky = np.array(self.sky)
        sun_light = np.array([1.0, 0.95, 0.86]) * self.strength * (1.0 if self.direction[1] > 0 else 0.0)
        return {
            "sun": self.direction,
            "sun_light": sun_light,
            "sky_light": 0.75 * sky,
            "ground_light": 0.35 * sky + 0.06 * sun_light,
        }


def lamp_uniforms(lamps: Sequence[Lamp], placement: Placement) -> Mapping[str, Array]:
    """What the surface shader calls the lamps: their places (MOST_LAMPS, 3) and light, zero where there is none."""
    positions, light = np.zeros((MOST_LAMPS, 3)), np.zeros((MOST_LAMPS, 3))
    for number, lamp in enumerate(lamps[:MOST_LAMPS]):
        positions[number] = placement.turn @ lamp.position + placement.position
        light[number] = np.array(lamp.colour) / LUMENS_PER_WATT * 4 * placement.scale**2
    return {"lamp_position": positions, "lamp_light": light}


def sun_matrix(points: Array, towards_sun: Array) -> Array:
    """From the world to the shadow map, (4, 4): the box that holds nearly all of the points, seen by the sun.

    Args:
        points: (N, 3) in the world; the outermost 2 % on each side may stick out of the box.
        towards_sun: (3,), of unit length.
    """
    low, high = np.percentile(points, 2, axis=0), np.percentile(points, 98, axis=0)
    middle, reach = (low + high) / 2, float(np.linalg.norm(high - low)) / 2 + 0.1
    right = np.cross((0.0, 1.0, 0.0) if abs(towards_sun[1]) < 0.99 else (1.0, 0.0, 0.0), towards_sun)
    right /= np.linalg.norm(right)
    axes = np.stack([right, np.cross(towards_sun, right), -towards_sun])
    matrix = np.eye(4)
    matrix[:3, :3] = axes / reach
    matrix[:3, 3] = -matrix[:3, :3] @ middle
    matrix[2] /= 2.0  # what stands between the sun and the box casts into it
    return matrix


def screen_matrix(view: View) -> Array:
    """OpenGL's clip matrix of a view, (4, 4): from the world to clip space; far is infinite."""
    width, height = view.size
    k = view.matrix
    clip = np.zeros((4, 4))
    # A pixel centre u stands at (2 u + 1) / width - 1; rows count downwards, clip space upwards.
    clip[0, 0], clip[0, 2] = 2 * k[0, 0] / width, -((2 * k[0, 2] + 1) / width - 1)
    clip[1, 1], clip[1, 2] = 2 * k[1, 1] / height, (2 * k[1, 2] + 1) / height - 1
    clip[2, 2], clip[2, 3], clip[3, 2] = -1.0, -2 * NEAR_M, -1.0
    return np.asarray(clip @ np.linalg.inv(view.world))
