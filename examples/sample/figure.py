"""The person: parts with a bound, a distance and a material, posed by a skeleton."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from . import head
from .march import sphere_span
from .shapes import carve, ellipsoid, limb, local, melt, step
from .skeleton import Action, Bones, pose
from .texture import Floats, Volume, vec

SKIN, HAIR, EYES, JACKET, SHIRT, TROUSERS, SHOES, HANDS = range(8)
_FOLDS = Volume(32, 81)
_FAR = np.float32(0.10)
"""Beyond this from a part's bound, the bound itself is distance enough."""


@dataclass(frozen=True)
class Part:
    """One material's share of the body. `distance` takes world points and whether to carve fine relief."""

    material: int
    centre: Floats
    radius: float
    distance: Callable[[Floats, bool], Floats]


class Figure:
    """A posed person, as a distance field in the world."""

    def __init__(self, action: Action) -> None:
        self.action = action
        self.bones = pose(action)
        self.parts = _parts(self.bones)
        joints = self.bones.joints
        low = np.min([part.centre - part.radius for part in self.parts], axis=0)
        high = np.max([part.centre + part.radius for part in self.parts], axis=0)
        self.centre = vec((low + high) / 2)
        self.radius = float(max(np.linalg.norm(p.centre - self.centre) + p.radius for p in self.parts))
        self.head_frame = self.bones.frames["head"]
        self.head_at = joints["head"]

    def span(self, origin: Floats, rays: Floats) -> tuple[Floats, Floats]:
        """Where rays from `origin` (3,) first enter and last leave any part's bound: (N,), (N,) metres."""
        enter = np.full(rays.shape[1], np.inf, np.float32)
        leave = np.zeros(rays.shape[1], np.float32)
        for part in self.parts:
            first, last = sphere_span(origin[:, None], rays, part.centre, part.radius)
            np.minimum(enter, first, out=enter)
            np.maximum(leave, last, out=leave)
        return enter, leave

    def distance(self, points: Floats, *, detail: bool = False) -> Floats:
        """Signed distance to the whole body at (3, N)."""
        nearest = np.full(points.shape[1], np.inf, np.float32)
        for part in self.parts:
            np.minimum(nearest, self._part_distance(part, points, detail), out=nearest)
        return nearest

    def detailed(self, points: Floats) -> Floats:
        """The same with folds and strands, for normals."""
        return self.distance(points, detail=True)

    def materials(self, points: Floats) -> np.ndarray:
        """Which material is nearest at each of (3, N) points: (N,) int."""
        distances = [self._part_distance(part, points, False) for part in self.parts]
        return np.array([part.material for part in self.parts])[np.argmin(distances, axis=0)]

    def seams(self, points: Floats, material: np.ndarray) -> Floats:
        """How much stitching and the zip darken the cloth at (3, N) points: (N,) up to 1."""
        p = local(points, self.bones.joints["waist"], self.bones.frames["chest"])
        across, up = np.abs(p[0]), p[1]
        edge = np.abs(p[0] + 0.006) - _opening(up)
        placket = np.exp(-(((edge - 0.030) / 0.0016) ** 2)) * (up < 0.33)
        zipper = np.exp(-(((edge - 0.009) / 0.0035) ** 2)) * (up < 0.34) * (0.75 + 0.25 * np.sin(up * 900))
        pocket = np.exp(-(((across - 0.115 + 0.35 * (up - 0.03)) / 0.003) ** 2)) * (np.abs(up - 0.03) < 0.065)
        yoke = np.exp(-(((up - 0.285 - 0.2 * across) / 0.0018) ** 2)) * (across > 0.05)
        front = step(0.03, 0.05, p[2]) * (material == JACKET)
        dark = 0.5 * placket + 0.6 * zipper + 0.6 * pocket + 0.45 * yoke
        return np.asarray(1 - np.clip(front * dark, 0, 0.85), np.float32)

    def in_head(self, points: Floats) -> Floats:
        return local(points, self.head_at, self.head_frame)

    @staticmethod
    def _part_distance(part: Part, points: Floats, detail: bool) -> Floats:
        x, y, z = (points[axis] - part.centre[axis] for axis in range(3))
        distance = np.sqrt(x * x + y * y + z * z) - np.float32(part.radius)
        near = distance < _FAR
        if near.all():
            return part.distance(points, detail)
        if near.any():
            distance[near] = part.distance(points[:, near], detail)
        return distance


def _parts(bones: Bones) -> list[Part]:
    j, frames, action = bones.joints, bones.frames, bones.action
    skull, at = frames["head"], j["head"]
    middle = at - skull[1] * np.float32(0.02)

    def in_head(points: Floats) -> Floats:
        return local(points, at, skull)

    chest_at = j["waist"] + frames["chest"][1] * np.float32(0.24)
    parts = [
        Part(SKIN, middle - skull[1] * np.float32(0.035), 0.185, lambda p, _: head.face(in_head(p), action)),
        Part(HAIR, middle, 0.155, lambda p, fine: head.hair(in_head(p), detail=fine)),
        Part(EYES, at + skull[2] * np.float32(0.07), 0.05, lambda p, _: head.eyes(in_head(p))),
        Part(SHIRT, chest_at, 0.33, lambda p, fine: _torso(p, bones, fine)),
        Part(JACKET, _rib(j), _reach(j), lambda p, fine: _jacket(p, bones, fine)),
        Part(TROUSERS, _between(j), 0.60, lambda p, fine: _trousers(p, bones, fine)),
    ]
    for side in ("right", "left"):
        ankle, foot = j[f"{side}_ankle"], frames[f"{side}_foot"]
        parts.append(Part(SHOES, ankle + foot[2] * np.float32(0.03), 0.19, _bind(_shoe, bones, side)))
        wrist, hand = j[f"{side}_wrist"], frames[f"{side}_hand"]
        parts.append(Part(HANDS, wrist - hand[1] * np.float32(0.07), 0.14, _bind(_hand, bones, side)))
    return parts


def _bind(
    shape: Callable[[Floats, Bones, str], Floats], bones: Bones, side: str
) -> Callable[[Floats, bool], Floats]:
    return lambda points, _: shape(points, bones, side)


def _rib(j: dict[str, Floats]) -> Floats:
    return np.asarray(j["waist"] + vec([0, 0.16, 0]), np.float32)


def _reach(j: dict[str, Floats]) -> float:
    centre = _rib(j)
    ends = ("right_wrist", "left_wrist", "right_elbow", "left_elbow", "pelvis", "neck")
    return float(max(np.linalg.norm(j[name] - centre) for name in ends)) + 0.09


def _between(j: dict[str, Floats]) -> Floats:
    return vec(j["pelvis"] / 2 + (j["right_ankle"] + j["left_ankle"]) / 4)


def _folds(points: Floats, scale: float, stretch: tuple[float, float, float]) -> Floats:
    """Creases of worn cloth: ridged noise, stretched along the given axes."""
    scaled = vec(points * (vec(stretch) * scale)[:, None])
    bend = _FOLDS.sample(scaled * 0.6)
    ridge = 1 - np.abs(_FOLDS.sample(scaled + bend * 0.8))
    return np.asarray(ridge * ridge - 0.4 + 0.35 * _FOLDS.sample(scaled * 2.7), np.float32)


def _point(x: float, y: float, z: float) -> Floats:
    return vec([x, y, z])


def _torso(points: Floats, bones: Bones, fine: bool) -> Floats:
    """The shirt: chest and waist in the chest's frame, closed at the neck."""
    p = local(points, bones.joints["waist"], bones.frames["chest"])
    body = ellipsoid(p, (0, 0.235, -0.004), (0.148, 0.175, 0.104))
    body = melt(body, ellipsoid(p, (0, 0.03, 0.0), (0.138, 0.20, 0.095)), 0.08)
    body = melt(body, ellipsoid(p, (0, 0.365, -0.022), (0.105, 0.05, 0.058)), 0.05)
    if fine:
        body = body + 0.0022 * _folds(p, 22, (1.0, 0.55, 1.0))
    return body


def _opening(up: Floats) -> Floats:
    """Half the width of the jacket's open front at heights above the waist."""
    return np.asarray(0.018 + 0.11 * np.clip(up + 0.02, 0, 0.5), np.float32)


def _jacket(points: Floats, bones: Bones, fine: bool) -> Floats:
    """An open jacket over the shirt: a thicker torso, sleeves, a stand-up collar, hem and cuffs."""
    j = bones.joints
    p = local(points, j["waist"], bones.frames["chest"])
    body = ellipsoid(p, (0, 0.235, -0.008), (0.172, 0.185, 0.122))
    yoke = limb(
        np.stack([np.abs(p[0]), p[1], p[2]]),
        _point(0.02, 0.395, -0.03),
        _point(0.14, 0.352, -0.02),
        0.043,
        0.046,
    )
    body = melt(body, yoke, 0.05)
    body = melt(body, ellipsoid(p, (0, 0.02, -0.004), (0.160, 0.20, 0.118)), 0.09)
    for side in ("right", "left"):
        shoulder, elbow, wrist = (j[f"{side}_{name}"] for name in ("shoulder", "elbow", "wrist"))
        cuff = elbow + (wrist - elbow) * np.float32(0.93)
        band = cuff - (cuff - elbow) * np.float32(0.10)
        lower = np.minimum(limb(points, elbow, band, 0.048, 0.042), limb(points, band, cuff, 0.0375, 0.0375))
        body = melt(melt(body, limb(points, shoulder, elbow, 0.054, 0.048), 0.04), lower, 0.012)
    if fine:
        bent = sum(
            np.exp(-((points - j[f"{side}_elbow"][:, None]) ** 2).sum(0) / 0.012)
            for side in ("right", "left")
        )
        depth = 0.0024 + 0.0035 * bent + 0.002 * step(0.06, -0.06, p[1])
        body = body + depth * _folds(points, 16, (1.0, 1.7, 1.0)) * step(-0.16, -0.08, p[1])
        ribs = np.sin(np.arctan2(p[0], p[2]) * 130) * step(-0.105, -0.115, p[1])
        body = body + 0.0012 * ribs
    # Cut the hem, the front opening (wider towards the neck) and the neck hole.
    body = carve(body, p[1] + 0.155, 0.012)
    opening = np.abs(p[0] + 0.006) - _opening(p[1])
    body = carve(body, np.maximum(opening, -p[2] + 0.01), 0.012)
    body = carve(body, ellipsoid(p, (0, 0.47, -0.02), (0.07, 0.085, 0.075)), 0.015)
    # A soft collar: a flattened ring that dips and opens at the throat.
    lean = p[1] - 0.405 + 0.42 * (p[2] + 0.025)
    ring = np.hypot(p[0], (p[2] + 0.025) * 0.92) - 0.074 - 0.25 * lean
    collar = np.hypot(ring, lean * 0.42) - 0.0125
    collar = carve(collar, np.maximum(np.abs(p[0]) - 0.030, -p[2]), 0.012)
    return melt(body, np.asarray(collar, np.float32), 0.014)


def _trousers(points: Floats, bones: Bones, fine: bool) -> Floats:
    """Straight jeans: a seat and two legs, creased at knee and ankle."""
    j = bones.joints
    p = local(points, j["pelvis"], bones.frames["pelvis"])
    cloth = ellipsoid(p, (0, 0.025, -0.012), (0.152, 0.125, 0.112))
    for side in ("right", "left"):
        hip, knee, ankle = (j[f"{side}_{name}"] for name in ("hip", "knee", "ankle"))
        leg = melt(limb(points, hip, knee, 0.084, 0.060), limb(points, knee, ankle, 0.060, 0.053), 0.025)
        cloth = melt(cloth, leg, 0.03)
    if fine:
        low = points[1]
        creased = 0.35 + step(0.35, 0.1, low) + np.exp(-(((low - 0.47) / 0.09) ** 2)) + step(0.7, 0.85, low)
        cloth = cloth + 0.0042 * creased * _folds(points, 15, (0.8, 2.0, 0.8))
    return cloth


def _shoe(points: Floats, bones: Bones, side: str) -> Floats:
    """A trainer: a rounded upper on a flat sole."""
    p = local(points, bones.joints[f"{side}_ankle"], bones.frames[f"{side}_foot"])
    upper = ellipsoid(p, (0, -0.045, 0.045), (0.043, 0.045, 0.125))
    upper = melt(upper, limb(p, vec([0, -0.035, -0.02]), vec([0, 0.03, -0.01]), 0.044, 0.04), 0.03)
    return np.maximum(upper, -0.085 - p[1])


def _hand(points: Floats, bones: Bones, side: str) -> Floats:
    """Palm, four fingers and a thumb, open when waving, curled when hanging."""
    p = local(points, bones.joints[f"{side}_wrist"], bones.frames[f"{side}_hand"])
    sign = 1.0 if side == "right" else -1.0
    waving = side == "right" and bones.action.wave is not None
    p = np.stack([p[0] * sign, -p[1], p[2]])
    if not waving:  # the palm of a hanging arm faces the thigh
        p = np.stack([p[2], p[1], p[0]])
    hand = melt(
        limb(p, vec([0, -0.02, 0]), vec([0, 0.03, 0]), 0.024, 0.022),
        ellipsoid(p, (0, 0.052, 0), (0.036, 0.044, 0.014)),
        0.018,
    )
    for number, (across, length) in enumerate(
        ((-0.027, 0.064), (-0.009, 0.074), (0.009, 0.07), (0.026, 0.056))
    ):
        spread = 0.22 if waving else 0.05
        curl = 0.10 if waving else 0.55 + 0.08 * number
        root = vec([across, 0.085, 0])
        middle = root + vec([across * spread * 2, np.cos(curl), np.sin(curl)]) * vec(length * 0.55)
        tip = middle + vec([across * spread * 2, np.cos(2 * curl), np.sin(2 * curl)]) * vec(length * 0.45)
        finger = np.minimum(limb(p, root, middle, 0.0088, 0.0080), limb(p, middle, tip, 0.0080, 0.0066))
        hand = melt(hand, finger, 0.008)
    knuckle = vec([-0.028, 0.03, 0.004])
    thumb = limb(p, knuckle, vec([-0.058, 0.072, 0.016]), 0.0115, 0.0085)
    return melt(hand, thumb, 0.014)
