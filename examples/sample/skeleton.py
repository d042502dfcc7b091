"""Bones: where the joints of a walking, waving person are at a given time."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .texture import Floats, vec

THIGH_M, SHIN_M, ANKLE_M = 0.42, 0.40, 0.085
UPPER_ARM_M, FOREARM_M = 0.27, 0.245
STEP_HZ = 1.85
"""Steps a second; with the stride below, a walk of about 1.2 m/s."""
SWING = np.deg2rad(23.0)


def turn(axis: str, degrees: float) -> Floats:
    """A rotation about a frame's own x, y or z, as rows of unit axes (3, 3)."""
    c, s = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    rows = {
        "x": [[1, 0, 0], [0, c, s], [0, -s, c]],
        "y": [[c, 0, -s], [0, 1, 0], [s, 0, c]],
        "z": [[c, s, 0], [-s, c, 0], [0, 0, 1]],
    }[axis]
    return vec(rows)


@dataclass(frozen=True)
class Action:
    """What the person does at one moment.

    `gait` counts steps (None: standing). Angles are degrees; `head_yaw` turns to the person's right.
    """

    place: tuple[float, float]
    yaw_deg: float
    gait: float | None = None
    wave: float | None = None
    """The phase of the waving hand, in turns; None while the arm hangs."""
    head_yaw: float = 0.0
    head_pitch: float = 0.0
    head_roll: float = 0.0
    gaze: tuple[float, float] = (0.0, 0.0)
    """Where the eyes look, degrees right and up of the face's own forward."""
    blink: float = 0.0
    smile: float = 0.3


@dataclass(frozen=True)
class Bones:
    """Joints in the world (each (3,)) and the frames of chest, head, feet and hands (rows are unit axes)."""

    joints: dict[str, Floats]
    frames: dict[str, Floats]
    action: Action = field(repr=False)


def pose(action: Action) -> Bones:
    """The skeleton for an action, its lower foot resting on the ground."""
    body = turn("y", action.yaw_deg)
    walking = action.gait is not None
    phase = np.pi * (action.gait or 0.0)
    sway = np.sin(phase)
    pelvis = turn("y", 7 * np.cos(phase) * walking) @ body
    chest = turn("y", -6 * np.cos(phase) * walking) @ turn("x", 2.0) @ body

    joints: dict[str, Floats] = {}
    frames = {"chest": chest, "pelvis": pelvis}
    hips = vec([action.place[0], 0.0, action.place[1]]) + body[0] * np.float32(0.012 * sway * walking)
    joints["pelvis"] = hips
    for side, sign, offset in (("right", 1, 0.0), ("left", -1, np.pi)):
        thigh, shin = _leg(phase + offset, walking, sign, body)
        hip = hips + pelvis[0] * np.float32(0.088 * sign)
        knee = hip + thigh * np.float32(THIGH_M)
        ankle = knee + shin * np.float32(SHIN_M)
        joints |= {f"{side}_hip": hip, f"{side}_knee": knee, f"{side}_ankle": ankle}
        frames[f"{side}_foot"] = _foot(phase + offset, walking, sign, body)

    _arms(action, vec(chest), joints, frames, phase, walking)
    joints["neck"] = joints["waist"] + chest[1] * np.float32(0.44)
    head = turn("z", action.head_roll) @ turn("x", action.head_pitch) @ turn("y", action.head_yaw) @ body
    frames["head"] = head
    joints["head"] = joints["neck"] + chest[1] * np.float32(0.055) + head[1] * np.float32(0.092)
    joints["head"] += head[2] * np.float32(0.012)

    soles = [_sole(joints[f"{side}_ankle"], frames[f"{side}_foot"]) for side in ("right", "left")]
    lift = vec([0, -min(soles), 0])
    return Bones({name: joint + lift for name, joint in joints.items()}, frames, action)


def _leg(phase: float, walking: bool, sign: int, body: Floats) -> tuple[Floats, Floats]:
    """Directions of thigh and shin: the hip swings as a cosine, the knee folds while the foot is up."""
    swing = SWING * np.cos(phase) * walking
    turned = np.mod(phase, 2 * np.pi)
    fold = np.deg2rad(5 + walking * 50 * np.exp(-(((turned - 1.42 * np.pi) / 0.85) ** 2)))
    fold += np.deg2rad(10) * walking * np.exp(-(((turned - 0.25 * np.pi) / 0.5) ** 2))
    out = np.float32(0.035 * sign)

    def along(angle: float) -> Floats:
        vector = body[2] * np.float32(np.sin(angle)) - body[1] * np.float32(np.cos(angle)) + body[0] * out
        return np.asarray(vector / np.linalg.norm(vector), np.float32)

    return along(swing), along(swing - fold)


def _foot(phase: float, walking: bool, sign: int, body: Floats) -> Floats:
    """The foot's frame: toes up at heel strike, heel up at push-off."""
    turned = np.mod(phase, 2 * np.pi)
    strike = 16 * np.exp(-((((turned + np.pi) % (2 * np.pi) - np.pi) / 0.55) ** 2))
    push = 42 * np.exp(-(((turned - 1.12 * np.pi) / 0.6) ** 2))
    return vec(turn("x", (push - strike) * walking) @ turn("y", 7.0 * sign) @ body)


def _sole(ankle: Floats, foot: Floats) -> float:
    heel = ankle - foot[1] * np.float32(ANKLE_M) - foot[2] * np.float32(0.05)
    toe = ankle - foot[1] * np.float32(ANKLE_M) + foot[2] * np.float32(0.14)
    return float(min(heel[1], toe[1]))


def _arms(
    action: Action,
    chest: Floats,
    joints: dict[str, Floats],
    frames: dict[str, Floats],
    phase: float,
    walking: bool,
) -> None:
    joints["waist"] = joints["pelvis"] + vec([0, 0.11, 0])
    top = joints["waist"] + chest[1] * np.float32(0.352)
    swing = np.cos(phase) * walking
    for side, sign in (("right", 1), ("left", -1)):
        shoulder = top + chest[0] * np.float32(0.147 * sign)
        if side == "right" and action.wave is not None:
            rock = np.sin(2 * np.pi * action.wave)
            upper = turn("z", 58.0 - 3 * rock) @ turn("y", -14.0) @ chest
            fore = turn("x", -12.0) @ turn("z", 168.0 + 17 * rock) @ chest
        else:
            upper = turn("z", 13.0 * sign) @ turn("x", 22.0 * swing * sign + 2.0) @ chest
            fore = turn("z", 7.0 * sign) @ turn("x", 22.0 * swing * sign - 24.0) @ chest
        elbow = shoulder - upper[1] * np.float32(UPPER_ARM_M)
        wrist = elbow - fore[1] * np.float32(FOREARM_M)
        joints |= {f"{side}_shoulder": shoulder, f"{side}_elbow": elbow, f"{side}_wrist": wrist}
        frames[f"{side}_hand"] = vec(fore)
