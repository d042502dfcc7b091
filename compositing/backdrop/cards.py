"""Pictures on cards: stills, film plates and the layers of a multiplane camera.

A card stands square to the camera's first view, at a depth of its own or infinitely far away, so a plane's
homography says where it is seen (Hartley and Zisserman 2004, section 13.1).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from compositing.camera.record import Camera, View
from compositing.colour import Image, Plane
from compositing.errors import UnusableBackdrop

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Card:
    """One picture, and where it stands.

    Attributes:
        picture: (h, w, 3) or (h, w, 4) float32, scene-linear, premultiplied; or, for a film, what it is at a frame.
        size: (w, h) of the picture, px.
        depth_m: before the first view; infinity is far.
        scale: 1 fills the first view (the smaller fit is cropped); more is larger.
        shift: how far its middle lies right of and below the view's, in widths and heights of the view.
    """

    picture: Image | Callable[[float], Image]
    size: tuple[int, int]
    depth_m: float = float("inf")
    scale: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)

    def at(self, frame: float) -> Image:
        return self.picture(frame) if callable(self.picture) else self.picture

    @cached_property
    def levels(self) -> list[Image]:
        """The picture at 1, 1/2, 1/4 ... of its size, `framed`, so that none is shrunk by over half when warped."""
        found = [self.at(0.0)]
        while min(found[-1].shape[:2]) > 64:
            rows, columns = found[-1].shape[:2]
            half = (-(-columns // 2), -(-rows // 2))
            found.append(cv2.resize(found[-1], half, interpolation=cv2.INTER_AREA))
        return [framed(picture) for picture in found]

    def on_view(self, home: View) -> Matrix:
        """From the card's pixels to those of the first view, (3, 3): a scale and a shift."""
        fit = max(home.size[0] / self.size[0], home.size[1] / self.size[1]) * self.scale
        middle = [(home.size[k] - 1) / 2 + self.shift[k] * home.size[k] for k in (0, 1)]
        own = [(self.size[k] - 1) / 2 for k in (0, 1)]
        return np.array([[fit, 0, middle[0] - fit * own[0]], [0, fit, middle[1] - fit * own[1]], [0, 0, 1]])

    def seen_by(self, home: View, view: View) -> Matrix:
        """From the card's pixels to a view's, (3, 3), its scale such that the third number is the depth's sign."""
        on_ray = home.rotation.T @ np.linalg.inv(home.matrix) @ self.on_view(home)
        if np.isfinite(self.depth_m):
            away = (home.position - view.position) / self.depth_m
            on_ray = on_ray + away[:, None] * np.array([0.0, 0.0, 1.0])
        return np.asarray(view.matrix @ view.rotation @ on_ray)


@dataclass(frozen=True)
class Cards:
    """Cards before a camera's first view, the farthest one drawn first. Beyond them all is `around`."""

    cards: tuple[Card, ...]
    home: View
    around: tuple[float, float, float] = (0.0, 0.0, 0.0)

    @property
    def far(self) -> bool:
        return not any(np.isfinite(card.depth_m) for card in self.cards)

    @property
    def moves(self) -> bool:
        return any(callable(card.picture) for card in self.cards)

    def render(self, view: View, frame: float) -> tuple[Image, Plane]:
        width, height = view.size
        light: Image = np.full((height, width, 3), self.around, np.float32)
        depth = np.full((height, width), np.inf, np.float32)
        for card in sorted(self.cards, key=lambda each: -each.depth_m):
            premult, alpha, away = show(card, self.home, view, frame)
            whole = float(alpha.min()) > 0.9999
            light = premult if whole else cv2.add(premult, cv2.multiply(light, cv2.merge([1 - alpha] * 3)))
            if away is not None:
                depth = np.where(alpha > 0.5, away, depth)
        return light, depth


def framed(picture: Image) -> Image:
    """The picture with alpha, (h + 2, w + 2, 4), in a rim of nothing: a card's edge is as soft as any other."""
    if picture.shape[2] == 3:
        picture = np.dstack([picture, np.ones(picture.shape[:2], np.float32)])
    return cv2.copyMakeBorder(picture, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=(0, 0, 0, 0))


def show(card: Card, home: View, view: View, frame: float) -> tuple[Image, Plane, Plane | None]:
    """One card as a view sees it: premultiplied colour, alpha, and its depth unless it is far."""
    onto = card.seen_by(home, view)
    level, picture = _level(card, onto, view, frame)
    to_level = np.array([[level, 0, (level - 1) / 2], [0, level, (level - 1) / 2], [0, 0, 1]])
    to_level = to_level @ np.array([[1, 0, -1], [0, 1, -1], [0, 0, 1.0]])
    warped = cv2.warpPerspective(picture, onto @ to_level, view.size, flags=cv2.INTER_LINEAR)
    away = None
    if np.isfinite(card.depth_m) or _turns_away(onto, view):
        away = _depth(card, onto, view)
        warped[away <= 0] = 0
    premult, alpha = cv2.cvtColor(warped, cv2.COLOR_RGBA2RGB), cv2.extractChannel(warped, 3)
    return premult, alpha, away if np.isfinite(card.depth_m) else None


def _turns_away(onto: Matrix, view: View) -> bool:
    """Whether a part of the view sees the card's plane from behind."""
    row, (width, height) = np.linalg.inv(onto)[2], view.size
    return any(row[0] * x + row[1] * y + row[2] <= 0 for x in (0, width) for y in (0, height))


def _level(card: Card, onto: Matrix, view: View, frame: float) -> tuple[float, Image]:
    """The picture at a size that need not be shrunk by more than half, and how much smaller that is."""
    width, height = view.size
    back = np.linalg.inv(onto)
    middle = np.array(
        [[width / 2, height / 2, 1], [width / 2 + 1, height / 2, 1], [width / 2, height / 2 + 1, 1]]
    ).T
    at = back @ middle
    flat = at[:2] / np.where(np.abs(at[2]) < 1e-12, 1e-12, at[2])
    step = min(float(np.linalg.norm(flat[:, k] - flat[:, 0])) for k in (1, 2))
    if callable(card.picture):
        picture = card.at(frame)
        if step > 1.5:
            size = (max(1, round(card.size[0] / step)), max(1, round(card.size[1] / step)))
            picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
        return card.size[0] / picture.shape[1], framed(picture)
    number = int(np.clip(np.floor(np.log2(max(step, 1.0)) + 0.3), 0, len(card.levels) - 1))
    picture = card.levels[number]
    return card.size[0] / (picture.shape[1] - 2), picture


def _depth(card: Card, onto: Matrix, view: View) -> Plane:
    """How far along the axis the card is at each pixel, metres for a card at a depth; negative behind the eye."""
    width, height = view.size
    row = np.linalg.inv(onto)[2]
    x, y = np.arange(width, dtype=np.float64), np.arange(height, dtype=np.float64)[:, None]
    inverse = ((row[0] * x + row[2]) + row[1] * y).astype(np.float32)
    scale = card.depth_m if np.isfinite(card.depth_m) else 1.0
    with np.errstate(divide="ignore"):
        return np.asarray(scale / np.where(np.abs(inverse) < 1e-12, 1e-12, inverse), np.float32)


def cover(card: Card, home: View, camera: Camera) -> Card:
    """The card, enlarged until no frame of the shot looks past its edge.

    Raises:
        UnusableBackdrop: the camera turns so far that no flat picture covers it, or passes the card.
    """
    corners = np.array([[0, 0], [1, 0], [0, 1], [1, 1], [0.5, 0], [0.5, 1], [0, 0.5], [1, 0.5]])
    need = 1.0
    for number in range(0, len(camera), max(1, len(camera) // 200)):
        view = camera.view(number)
        rays = view.rays(corners * (np.array(view.size) - 1))
        seen = rays @ home.rotation.T
        if (seen[:, 2] < 0.15).any():
            raise UnusableBackdrop(
                "The camera turns too far for a flat picture.",
                hint="take a panorama, or set the card's place yourself",
            )
        if np.isfinite(card.depth_m):
            start = home.rotation @ (view.position - home.position)
            length = (card.depth_m - start[2]) / seen[:, 2]
            if (length <= 0).any():
                raise UnusableBackdrop("The camera moves through a card.", hint="set it farther away")
            seen = start + seen * length[:, None]
        flat = seen[:, :2] / seen[:, 2:] * home.matrix.diagonal()[:2] + home.matrix[:2, 2]
        fit = replace(card, scale=1.0).on_view(home)
        half = np.multiply(fit[0, 0], card.size) / 2
        middle = fit[:2, :2] @ ((np.array(card.size) - 1) / 2) + fit[:2, 2]
        need = max(need, float((np.abs(flat - middle) / (half - 1)).max()))
    return replace(card, scale=max(card.scale, 1.005 * need if need > 1.001 else 1.0))
