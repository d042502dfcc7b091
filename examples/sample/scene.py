"""The set: a pavement along a brick house, a road, a park, and trees on both sides.

Flat things are met by the rays in closed form; trees are cut-outs in planes that face down the street.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from . import texture
from .figure import Figure
from .foliage import foliage
from .light import SUN, SUN_COLOUR, ambient, glint, haze, sky
from .march import openness, sunlight
from .shapes import step
from .texture import Floats, Texture, vec

WALL_X, KERB_X, ROAD_END_X = 2.5, -1.7, -8.0
ROAD_Y = -0.13
HOUSE_END_Z, HOUSE_TOP_Y = 27.0, 7.6
PLINTH_Y = 0.62
_BAY_M = 3.3
_WINDOW = (0.62, 1.02, 2.75)
"""A window's half width along the wall, sill and head heights, in metres, once in every bay and storey."""
_STOREY_M = 3.3
_REVEAL_M = 0.16
_FAR_M = 400.0


@dataclass(frozen=True)
class Cutout:
    """A plant in the plane z: its picture, the x of its foot, its width and height in metres."""

    picture: Texture
    x: float
    z: float
    width: float
    height: float
    base_y: float = 0.0

    def sample(self, x: Floats, y: Floats, footprint_m: Floats | float) -> Floats:
        """Premultiplied RGBA (N, 4) at places in the plane."""
        u = (x - self.x) / self.width + 0.5
        v = 1 - (y - self.base_y) / self.height
        return self.picture.sample(u, v, np.asarray(footprint_m, np.float32) / self.width)


NOTHING, PAVING, ROAD, LAWN, KERB, WALL, POST, STONE, POT = range(9)


@functools.cache
def street() -> Street:
    """The set, baked once a process: its leaves take seconds to draw."""
    return Street()


class Street:
    """The set, its textures baked once. `seed` draws the trees."""

    def __init__(self, seed: int = 5) -> None:
        self._paving, self._asphalt = texture.paving(), texture.asphalt()
        self._grass, self._brick, self._plaster = texture.grass(), texture.brick(), texture.plaster()
        trees = [Texture(foliage((7.0, 8.4), 70, seed + number), tiles=False) for number in range(3)]
        shrub = Texture(
            foliage(
                (2.4, 1.2), 160, seed + 9, trunk=False, crown=(0.5, 0.42, 0.5, 0.5), puffs=26, leaf_m=0.075,
                hue=(0.085, 0.135, 0.035),
            ),
            tiles=False,
        )  # fmt: skip
        self.cutouts = [
            Cutout(trees[0], -2.75, 12.0, 6.6, 8.0),
            Cutout(trees[1], -2.8, 21.0, 7.0, 8.4),
            Cutout(trees[2], -2.7, 33.0, 7.0, 9.0),
            Cutout(trees[1], -11.5, 16.0, 9.0, 10.0),
            Cutout(trees[2], -16.0, 20.0, 10.0, 11.0),
            Cutout(trees[0], -9.8, 27.0, 9.0, 11.0),
            Cutout(trees[0], -22.0, 30.0, 12.0, 13.0),
            Cutout(trees[2], -14.5, 38.0, 12.0, 13.0),
            Cutout(trees[1], 2.6, 40.0, 9.0, 11.0),
            Cutout(trees[0], -4.0, 52.0, 12.0, 12.0),
            Cutout(trees[2], 7.0, 56.0, 14.0, 13.0),
            Cutout(shrub, 2.13, 8.6, 0.95, 0.8, 0.38),
            Cutout(shrub, 2.13, 15.2, 0.95, 0.8, 0.38),
            *(Cutout(shrub, -9.1 - 2.3 * (n % 2), 11.0 + 4.0 * n, 4.5, 1.25) for n in range(8)),
        ]
        # Trees behind the camera, never seen, whose shadows dapple the pavement and the wall.
        self.gobos = [
            Cutout(trees[2], -5.6, 4.4, 7.5, 9.5),
            *self.cutouts[:3],
        ]

    def render(self, origin: Floats, rays: Floats, spread: float, figure: Figure) -> tuple[Floats, Floats]:
        """Radiance (N, 3) and depth in metres (N,) along (3, N) rays, without the person but for the shadow.

        `spread` is the angle between neighbouring rays, in radians.
        """
        depth, kind = self._meet(origin, rays)
        colour = sky(rays)
        solid = kind != NOTHING
        points = origin[:, None] + rays * np.where(solid, depth, 0)
        for which in np.unique(kind[solid]):
            here = kind == which
            colour[here] = self._shade(
                int(which), points[:, here], rays[:, here], depth[here] * spread, figure
            )
        colour[solid] = haze(colour[solid], depth[solid])
        for cutout in sorted(self.cutouts, key=lambda item: -item.z):
            self._overlay(cutout, origin, rays, spread, colour, depth)
        return colour, depth

    def _meet(self, origin: Floats, rays: Floats) -> tuple[Floats, np.ndarray]:
        depth = np.full(rays.shape[1], _FAR_M, np.float32)
        kind = np.zeros(rays.shape[1], np.int8)

        def nearer(t: Floats, inside: np.ndarray, which: int) -> None:
            closer = inside & (t > 0.02) & (t < depth)
            depth[closer], kind[closer] = t[closer], which

        safe = np.where(np.abs(rays) < 1e-6, np.float32(1e-6), rays)
        x0, y0, z0 = origin
        level = -y0 / safe[1]
        x = x0 + rays[0] * level
        nearer(level, (x > KERB_X) & (x < WALL_X), PAVING)
        nearer(level, x < ROAD_END_X, LAWN)
        nearer(level, (x >= WALL_X) & (z0 + rays[2] * level > HOUSE_END_Z), LAWN)
        low = (ROAD_Y - y0) / safe[1]
        x = x0 + rays[0] * low
        nearer(low, (x <= KERB_X) & (x >= ROAD_END_X), ROAD)
        side = (KERB_X - x0) / safe[0]
        y = y0 + rays[1] * side
        nearer(side, (y < 0) & (y > ROAD_Y), KERB)
        wall = (WALL_X - x0) / safe[0]
        y, z = y0 + rays[1] * wall, z0 + rays[2] * wall
        nearer(wall, (y > 0) & (y < HOUSE_TOP_Y) & (z < HOUSE_END_Z), WALL)
        for low_corner, high_corner, which in self._boxes():
            t1, t2 = (
                (vec(low_corner) - origin)[:, None] / safe,
                (vec(high_corner) - origin)[:, None] / safe,
            )
            enter, leave = np.minimum(t1, t2).max(0), np.maximum(t1, t2).min(0)
            nearer(enter, enter < leave, which)
        for post_x, post_z in ((-1.45, 9.5), (-1.45, 24.0)):
            t = self._post(origin, rays, post_x, post_z)
            nearer(t, np.isfinite(t), POST)
        return depth, kind

    @staticmethod
    def _boxes() -> list[tuple[tuple[float, float, float], tuple[float, float, float], int]]:
        planters = [((1.90, 0.0, z - 0.6), (2.36, 0.44, z + 0.6), POT) for z in (8.6, 15.2)]
        ledge = [((WALL_X - 0.05, 0.0, -9.0), (WALL_X + 0.1, PLINTH_Y, HOUSE_END_Z), STONE)]
        band = [((WALL_X - 0.07, 3.35, -9.0), (WALL_X + 0.1, 3.55, HOUSE_END_Z), STONE)]
        sills = [
            ((WALL_X - 0.07, 0.94, _BAY_M * n - 0.75), (WALL_X + 0.1, 1.02, _BAY_M * n + 0.75), STONE)
            for n in range(-1, 8)
        ]
        return [*planters, *ledge, *band, *sills]

    @staticmethod
    def _post(origin: Floats, rays: Floats, x: float, z: float) -> Floats:
        """A lamp post: an upright cylinder, thicker at the foot."""
        found = np.full(rays.shape[1], np.inf, np.float32)
        for radius, low, high in ((0.095, 0.0, 0.7), (0.055, 0.7, 5.2)):
            ox, oz = origin[0] - x, origin[2] - z
            a = rays[0] ** 2 + rays[2] ** 2
            b = ox * rays[0] + oz * rays[2]
            inside = b * b - a * (ox * ox + oz * oz - radius * radius)
            t = (-b - np.sqrt(np.maximum(inside, 0))) / a
            y = origin[1] + rays[1] * t
            found = np.where((inside > 0) & (y > low) & (y < high) & (t < found), t, found)
        return found

    def _shade(self, which: int, p: Floats, rays: Floats, footprint: Floats, figure: Figure) -> Floats:
        normal = np.zeros_like(p)
        if which == WALL:
            return self._wall(p, rays, footprint, figure)
        if which == POST:
            nearest = np.where(p[2] < 16, 9.5, 24.0)
            normal[0], normal[2] = p[0] + 1.45, p[2] - nearest
            normal /= np.maximum(np.sqrt((normal * normal).sum(0)), 1e-6)
            albedo = np.broadcast_to(vec([0.035, 0.045, 0.042]), (p.shape[1], 3))
            return self._lit(p, rays, normal, albedo, np.full(p.shape[1], 0.45, np.float32), figure)
        if which in (KERB, STONE, POT):
            return self._stone(which, p, rays, footprint, figure)
        surface = {PAVING: self._paving, ROAD: self._asphalt, LAWN: self._grass}[which]
        grazing = footprint / np.sqrt(np.clip(-rays[1], 0.02, 1))
        albedo, gloss, slope = surface.sample(p[0], p[2], grazing)
        if which == PAVING:  # the kerb's stone, and the dirt that gathers along the wall
            edge = step(KERB_X + 0.17, KERB_X + 0.15, p[0])[:, None]
            albedo = albedo * (1 - edge) + vec([0.36, 0.35, 0.33]) * edge
            albedo = albedo * (1 - 0.4 * step(0.5, 0.0, WALL_X - p[0]))[:, None]
        if which == ROAD:
            line = step(0.06, 0.05, np.abs(p[0] + 4.85)) * step(0.0, 0.02, np.mod(p[2], 6.0) - 3.0)
            gutter = step(KERB_X - 0.4, KERB_X, p[0])
            albedo = albedo * (1 - 0.35 * gutter)[:, None]
            albedo = albedo + (vec([0.55, 0.54, 0.50]) - albedo) * (0.75 * line)[:, None]
        normal[0], normal[1], normal[2] = -slope[:, 0], 1, -slope[:, 1]
        normal /= np.sqrt((normal * normal).sum(0))
        return self._lit(p, rays, normal, albedo, gloss, figure)

    def _stone(self, which: int, p: Floats, rays: Floats, footprint: Floats, figure: Figure) -> Floats:
        """Kerb, planters, plinth and ledges: pale stone on axis-aligned faces."""
        albedo, gloss, slope = self._plaster.sample(p[2] * 0.7 + p[0], p[1] * 0.7 + p[0] * 0.3, footprint)
        normal = np.zeros_like(p)
        if which == KERB:
            normal[0] = -1
        else:
            top = np.zeros(p.shape[1], bool)
            for low, high, _ in self._boxes():
                inside = (p[2] > low[2] - 0.01) & (p[2] < high[2] + 0.01) & (p[0] > low[0] - 0.01)
                top |= inside & (np.abs(p[1] - high[1]) < 0.002)
            end = (np.minimum(np.abs(p[2] - 8.0), np.abs(p[2] - 14.6)) < 0.002) & ~top
            normal[0], normal[1], normal[2] = -1.0 * (~top & ~end), 1.0 * top, -1.0 * end
        normal[1] += slope[:, 1] * 0.6
        normal[2] += slope[:, 0] * 0.6
        normal /= np.sqrt((normal * normal).sum(0))
        tint = vec([0.46, 0.21, 0.13] if which == POT else [0.62, 0.6, 0.58])
        dirt = 0.62 + 0.38 * step(0.0, 0.35, p[1])
        return self._lit(p, rays, normal, albedo * tint * dirt[:, None], gloss, figure)

    def _wall(self, p: Floats, rays: Floats, footprint: Floats, figure: Figure) -> Floats:
        grazing = footprint / np.sqrt(np.clip(rays[0], 0.05, 1))
        albedo, gloss, slope = self._brick.sample(p[2], p[1], grazing)
        normal = np.stack([-np.ones_like(p[0]), slope[:, 1], -slope[:, 0]])
        normal /= np.sqrt((normal * normal).sum(0))
        colour = self._lit(p, rays, normal, albedo, gloss, figure)
        half, sill, top = _WINDOW
        along = np.mod(p[2] + _BAY_M / 2, _BAY_M) - _BAY_M / 2
        up = np.mod(p[1], _STOREY_M)
        hole = (np.abs(along) < half) & (up > sill) & (up < top)
        if hole.any():
            colour[hole] = self._window(along[hole], up[hole], p[:, hole], rays[:, hole])
        return colour

    def _window(self, along: Floats, up: Floats, p: Floats, rays: Floats) -> Floats:
        """Through the hole: the reveal's side, or the frame, or glass that mirrors the park."""
        half, sill, top = _WINDOW
        inward = _REVEAL_M / np.maximum(rays[0], 0.02)
        z, y = along + rays[2] * inward, up + rays[1] * inward
        glass = (np.abs(z) < half) & (y > sill) & (y < top)
        bar = (half - np.abs(z) < 0.07) | (np.abs(z) < 0.03) | (y - sill < 0.08) | (top - y < 0.08)
        bar |= np.abs(y - (sill + 0.68 * (top - sill))) < 0.025
        mirrored = rays.copy()
        mirrored[0] = -mirrored[0]
        mirrored[1] += 0.06
        curtain = 0.5 + 0.5 * np.sin(z * 55 + 2 * np.sin(z * 9))
        inside = vec([0.16, 0.15, 0.13]) * (0.25 + 0.75 * curtain * step(0.15, 0.35, np.abs(z)))[:, None]
        pane = inside + sky(mirrored) * vec([0.20, 0.21, 0.22])
        frame = vec([0.62, 0.60, 0.55]) * (0.55 + 0.7 * (z < half - 0.5))[:, None]
        shaded_side = vec([0.33, 0.27, 0.22]) * np.ones_like(z)[:, None]
        colour = np.where(bar[:, None], frame, pane)
        return np.asarray(np.where(glass[:, None], colour, shaded_side), np.float32)

    def _lit(
        self, p: Floats, rays: Floats, normal: Floats, albedo: Floats, gloss: Floats, figure: Figure
    ) -> Floats:
        sun = self._sun_through_trees(p)
        open_sky = np.ones(p.shape[1], np.float32)
        away = np.hypot(p[0] - figure.centre[0], p[2] - figure.centre[2])
        reach = sun > 0.02
        reach &= away < 4.5
        if reach.any():
            sun[reach] *= sunlight(
                figure.distance, p[:, reach], SUN, figure.centre, figure.radius, 22.0, 0.01
            )
        under = (away < 0.8) & (p[1] < 0.2)
        if under.any():
            upward = np.broadcast_to(vec([[0], [1], [0]]), p[:, under].shape)
            open_sky[under] = openness(figure.distance, p[:, under], upward, 0.45)
        open_sky *= 0.62 + 0.38 * step(0.0, 0.7, np.hypot(np.maximum(WALL_X - p[0], 0), np.maximum(p[1], 0)))
        facing = np.clip((normal * SUN[:, None]).sum(0), 0, 1)
        light = SUN_COLOUR * (facing * sun)[:, None] + ambient(normal) * open_sky[:, None]
        shine = glint(normal, rays, gloss) * sun
        return np.asarray(albedo * light + shine[:, None] * SUN_COLOUR, np.float32)

    def _sun_through_trees(self, p: Floats) -> Floats:
        """The part of the sun that the leaves let through, blurred by how far away they hang."""
        seen = np.ones(p.shape[1], np.float32)
        for tree in self.gobos:
            way = (tree.z - p[2]) / SUN[2]
            x, y = p[0] + SUN[0] * way, p[1] + SUN[1] * way
            under = (way > 0.05) & (np.abs(x - tree.x) < tree.width / 2) & (y > 0) & (y < tree.height)
            if under.any():
                leaves = tree.sample(x[under], y[under], 0.012 * way[under] + 0.02)[:, 3]
                seen[under] *= 1 - 0.86 * leaves
        return seen

    @staticmethod
    def _overlay(
        cutout: Cutout, origin: Floats, rays: Floats, spread: float, colour: Floats, depth: Floats
    ) -> None:
        t = (cutout.z - origin[2]) / np.where(np.abs(rays[2]) < 1e-5, np.float32(1e-5), rays[2])
        x, y = origin[0] + rays[0] * t, origin[1] + rays[1] * t - cutout.base_y
        here = (
            (t > 0.1)
            & (t < depth)
            & (np.abs(x - cutout.x) < cutout.width / 2)
            & (y > 0)
            & (y < cutout.height)
        )
        if not here.any():
            return
        found = cutout.sample(x[here], y[here] + cutout.base_y, t[here] * spread)
        alpha = found[:, 3:]
        air = haze(vec(found[:, :3] / np.maximum(alpha, 1e-4) * 1.7), t[here])
        colour[here] = colour[here] * (1 - alpha) + air * alpha
        behind = depth[here]
        depth[here] = np.where(alpha[:, 0] > 0.5, t[here], behind)
