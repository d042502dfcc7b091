"""A rendered performer: exact premultiplied foreground and alpha.

Everything is drawn at `SCALE` times the size and at `SUBSTEPS` moments of an open shutter, in linear light, and
averaged: hair strands thinner than a pixel, limbs that smear, a glass that lets the screen through.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from compositing.colour import Image, Plane

SCALE = 3
SUBSTEPS = 6
SHUTTER = 0.5
Colour = tuple[float, float, float]
Mask = np.ndarray


@dataclass(frozen=True)
class Look:
    """What the performer wears (scene-linear RGB), how it moves, and what it holds."""

    skin: Colour = (0.46, 0.25, 0.17)
    hair: Colour = (0.035, 0.022, 0.016)
    shirt: Colour = (0.30, 0.045, 0.05)
    sleeves: Colour = (0.42, 0.40, 0.36)
    trousers: Colour = (0.045, 0.07, 0.17)
    strands: int = 260
    speed: float = 1.0
    glass: bool = True
    seed: int = 1


@dataclass
class Performer:
    """One performer on a frame of `width` x `height`.

    `layers(t)` gives what lies over the screen at frame t, averaged over the shutter.
    """

    look: Look
    width: int
    height: int

    def frame(self, t: float) -> tuple[Image, Plane]:
        """Premultiplied scene-linear foreground, (height, width, 3), and alpha, (height, width)."""
        total = np.zeros((self.height, self.width, 4), np.float32)
        for step in range(SUBSTEPS):
            moment = self.moment(t + SHUTTER * (step + 0.5) / SUBSTEPS)
            total += cv2.resize(moment, (self.width, self.height), interpolation=cv2.INTER_AREA)
        total /= SUBSTEPS
        return np.ascontiguousarray(total[..., :3]), np.ascontiguousarray(total[..., 3])

    def moment(self, t: float) -> Image:
        """The performer frozen at one moment: premultiplied RGBA at `SCALE` times the size."""
        canvas = np.zeros((self.height * SCALE, self.width * SCALE, 4), np.float32)
        for (colour, contrast), mask, opacity in self.layers(t):
            left, top, width, height = cv2.boundingRect(mask)
            part = np.s_[top : top + height, left : left + width]
            cover = mask[part].astype(np.float32)[..., None] * np.float32(opacity / 255)
            canvas[part] *= 1 - cover
            canvas[part][..., 3:] += cover
            canvas[part][..., :3] += self.shade[part][..., None] * (cover * np.float32(contrast)) * colour
            canvas[part][..., :3] += cover * colour
        return canvas

    def layers(self, t: float) -> Iterator[tuple[tuple[np.ndarray, float], Mask, float]]:
        """Colour with the contrast of its shading, mask and opacity of each part, back to front."""
        look, joints = self.look, self.pose(t)
        yield _dyed(look.hair, 0.7), self.strands(t, joints["head"], behind=True), 0.9
        for side in ("left", "right"):
            yield (
                _dyed(look.trousers, 0.5),
                self.limb(joints["hip_" + side], joints["foot_" + side], 0.052),
                1.0,
            )
        yield _dyed(look.shirt, 0.6), self.torso(joints), 1.0
        yield _dyed(look.skin, 0.35), self.disc(joints["head"], 0.078, 0.1), 1.0
        yield _dyed(look.hair, 0.7), self.cap(joints["head"]), 1.0
        yield _dyed(look.hair, 0.9), self.strands(t, joints["head"], behind=False), 0.85
        for side in ("left", "right"):
            shoulder, elbow, hand = (joints[f"{part}_{side}"] for part in ("shoulder", "elbow", "hand"))
            yield _dyed(look.sleeves, 0.5), self.limb(shoulder, elbow, 0.03), 1.0
            yield _dyed(look.skin, 0.3), self.limb(elbow, hand, 0.019), 1.0
            yield _dyed(look.skin, 0.3), self.fingers(elbow, hand), 1.0
        if look.glass:
            rim = joints["hand_left"] + np.array([-0.02, -0.07])
            yield _dyed((0.55, 0.6, 0.62), 0.3), self.disc(rim, 0.05, 0.075), 0.22
            yield _dyed((1.3, 1.3, 1.25), 0.1), self.disc(_at(rim, -0.015, -0.02), 0.008, 0.03), 0.7

    def pose(self, t: float) -> dict[str, np.ndarray]:
        """Where the joints are, as (x, y) in units of the height, x from the middle."""
        beat = 2 * np.pi * t * self.look.speed / 24
        sway = np.array([0.05 * np.sin(beat * 0.7), 0.012 * np.sin(beat * 1.4)])
        neck = np.array([0.0, 0.40]) + sway
        hip = np.array([0.0, 0.74]) + 0.5 * sway
        joints = {"neck": neck, "hip": hip, "head": _at(neck, 0.02 * np.sin(beat), -0.135)}
        for side, sign in (("left", -1), ("right", 1)):
            shoulder = _at(neck, sign * 0.095, 0.025)
            swing = beat * (0.8 if side == "left" else 2.0) + sign
            upper = sign * (0.75 + 0.4 * np.sin(swing))
            fore = sign * (1.2 + 0.9 * np.sin(swing * 1.3 + 1))
            elbow = shoulder + 0.16 * np.array([np.sin(upper), np.cos(upper)])
            hand = elbow + 0.17 * np.array([np.sin(fore + upper * 0.5), np.cos(fore + upper * 0.5)])
            joints |= {f"shoulder_{side}": shoulder, f"elbow_{side}": elbow, f"hand_{side}": hand}
            joints |= {f"hip_{side}": _at(hip, sign * 0.05, 0), f"foot_{side}": _at(hip, sign * 0.09, 0.42)}
        return joints

    def px(self, point: np.ndarray) -> tuple[int, int]:
        """A point in OpenCV's fixed point, 4 fractional bits."""
        unit = self.height * SCALE
        return round((self.width * SCALE / 2 + point[0] * unit) * 16), round(point[1] * unit * 16)

    def blank(self) -> Mask:
        return np.zeros((self.height * SCALE, self.width * SCALE), np.uint8)

    def limb(self, start: np.ndarray, end: np.ndarray, radius: float) -> Mask:
        mask = self.blank()
        thickness = max(1, round(2 * radius * self.height * SCALE))
        cv2.line(mask, self.px(start), self.px(end), 255, thickness, cv2.LINE_AA, 4)
        return mask

    def fingers(self, elbow: np.ndarray, hand: np.ndarray) -> Mask:
        mask = self.blank()
        along = (hand - elbow) / np.linalg.norm(hand - elbow)
        across = np.array([-along[1], along[0]])
        thickness = max(1, round(0.0085 * self.height * SCALE))
        for spread in (-0.5, -0.17, 0.17, 0.5):
            base = hand + 0.022 * spread * across
            tip = base + 0.055 * along + 0.035 * spread * across
            cv2.line(mask, self.px(base), self.px(tip), 255, thickness, cv2.LINE_AA, 4)
        return mask

    def disc(self, centre: np.ndarray, across: float, down: float) -> Mask:
        mask = self.blank()
        unit = self.height * SCALE * 16
        cv2.ellipse(
            mask,
            self.px(centre),
            (round(across * unit), round(down * unit)),
            0,
            0,
            360,
            255,
            -1,
            cv2.LINE_AA,
            4,
        )
        return mask

    def cap(self, head: np.ndarray) -> Mask:
        mask = self.blank()
        unit = self.height * SCALE * 16
        axes = (round(0.09 * unit), round(0.105 * unit))
        cv2.ellipse(mask, self.px(_at(head, 0, -0.012)), axes, 0, 180, 360, 255, -1, cv2.LINE_AA, 4)
        return mask

    def torso(self, joints: dict[str, np.ndarray]) -> Mask:
        mask = self.blank()
        neck, hip = joints["neck"], joints["hip"]
        outline = [
            _at(neck, -0.03, -0.06), _at(neck, 0.03, -0.06), _at(neck, 0.04, 0.0), _at(neck, 0.12, 0.03),
            _at(hip, 0.1, -0.1), _at(hip, 0.11, 0.03), _at(hip, -0.11, 0.03), _at(hip, -0.1, -0.1),
            _at(neck, -0.12, 0.03), _at(neck, -0.04, 0.0),
        ]  # fmt: skip
        cv2.fillPoly(mask, [np.array([self.px(p) for p in outline], np.int32)], 255, cv2.LINE_AA, 4)
        return mask

    def strands(self, t: float, head: np.ndarray, *, behind: bool) -> Mask:
        """Curved hair that sways: lines of a third of a pixel to one pixel."""
        mask = self.blank()
        roots, lengths, curls, phases = self._hair
        along = np.linspace(0, 1, 7)
        for angle, length, curl, phase in zip(roots, lengths, curls, phases, strict=True):
            if (phase > np.pi) != behind:
                continue
            sway = 0.25 * np.sin(2 * np.pi * t * self.look.speed / 24 + phase)
            heading = angle + (curl + sway) * along
            reach = length * along
            x = head[0] + 0.083 * np.cos(angle) + reach * np.cos(heading)
            y = head[1] - 0.01 + 0.095 * np.sin(angle) + reach * np.sin(heading) + 0.9 * length * along**2
            points = np.array([self.px(np.array(p)) for p in zip(x, y, strict=True)], np.int32)
            cv2.polylines(mask, [points], False, 255, 1 + int(phase * 7) % 2, cv2.LINE_AA, 4)
        return mask

    @cached_property
    def _hair(self) -> tuple[np.ndarray, ...]:
        rng = np.random.default_rng(self.look.seed)
        count = self.look.strands
        return (
            rng.uniform(-np.pi * 1.08, np.pi * 0.08, count),
            rng.uniform(0.03, 0.13, count),
            rng.normal(0, 0.8, count),
            rng.uniform(0, 2 * np.pi, count),
        )

    @cached_property
    def shade(self) -> Plane:
        """Light from one side, and the unevenness of cloth and skin; signed, 0 is the plain colour."""
        rows, columns = self.height * SCALE, self.width * SCALE
        across = np.linspace(0.6, -0.6, columns, dtype=np.float32)[None]
        rng = np.random.default_rng(self.look.seed + 7)
        folds = sum(
            cv2.resize(
                rng.normal(0, 0.18, (cells, 2 * cells)).astype(np.float32),
                (columns, rows),
                interpolation=cv2.INTER_CUBIC,
            )
            for cells in (6, 20, 60)
        )
        return np.clip(across + folds, -0.85, 1.2).astype(np.float32)


def _dyed(colour: Colour, contrast: float) -> tuple[np.ndarray, float]:
    return np.asarray(colour, np.float32), contrast


def _at(point: np.ndarray, right: float, down: float) -> np.ndarray:
    return point + np.array([right, down])
