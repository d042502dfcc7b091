"""Light: one sun, one sky, the ground's bounce, and how cloth, skin, hair and eyes answer them.

Colours are scene-linear RGB, (N, 3); a sunlit white wall comes to about 4.
"""

from __future__ import annotations

import numpy as np

from . import figure as body
from . import head
from .figure import Figure
from .march import normals, openness, sunlight
from .shapes import step
from .texture import Floats, Texture, Volume, fractal, vec

SUN = vec([-0.60, 0.60, -0.53])
SUN = SUN / np.linalg.norm(SUN)
"""Unit vector towards the sun: behind the camera's left shoulder, in mid-afternoon."""
SUN_COLOUR = vec([3.5, 2.95, 2.25])
ZENITH, HORIZON, BOUNCE = (
    vec([0.36, 0.60, 1.02]),
    vec([1.15, 1.2, 1.22]),
    vec([0.42, 0.35, 0.27]),
)
HAZE = vec([0.80, 0.90, 1.0])
_CLOUDS = Texture(fractal(512, (4, 4), 6, 51, 0.55))
_WEAVE = Volume(32, 52)
_TREELINE = Texture(fractal(256, (4, 8), 5, 53, 0.6))


def sky(rays: Floats) -> Floats:
    """The radiance of sky, clouds and a hazy far line of trees along (3, N) unit rays: (N, 3)."""
    up = np.clip(rays[1], 0, 1)
    blend = np.exp(-up * 4.2)[:, None]
    colour = ZENITH * (1 - blend) + HORIZON * blend
    high = np.maximum(rays[1], 0.03)
    cover = _CLOUDS.sample(rays[0] / high * 0.05, rays[2] / high * 0.05 + 0.3, 0.004 / high)
    cloud = (step(0.46, 0.72, cover) * step(0.02, 0.14, up))[:, None]
    colour = colour + (vec([1.55, 1.5, 1.45]) - colour) * cloud * 0.75
    azimuth = np.arctan2(rays[0], rays[2])
    colour = _skyline(rays, azimuth, colour)
    crown = 0.012 + 0.075 * _TREELINE.sample(azimuth * 2.1, np.full_like(azimuth, 0.4), 0.003)
    wood = step(0.004, -0.004, rays[1] - crown)[:, None]
    leaf = _TREELINE.sample(azimuth * 6, rays[1] * 6, 0.01)[:, None]
    far_green = vec([0.17, 0.23, 0.18]) * (0.65 + 0.7 * leaf)
    return np.asarray(colour + (far_green - colour) * wood * 0.85, np.float32)


def _skyline(rays: Floats, azimuth: Floats, colour: Floats) -> Floats:
    """Distant houses, pale in the air, over the far end of the street."""
    plot = np.floor(azimuth * 17 + 0.3)
    chance = np.modf(np.abs(np.sin(plot * 12.9898) * 43758.547))[0].astype(np.float32)
    roof = 0.055 + 0.075 * chance
    along, floors = np.modf(np.abs(azimuth) * 190)[0], np.modf(np.abs(rays[1]) * 75)[0]
    window = ((along > 0.35) & (along < 0.75) & (floors > 0.3) & (floors < 0.75))[:, None]
    stone = vec([0.62, 0.56, 0.50]) * (0.75 + 0.45 * chance)[:, None]
    stone = np.where(window, stone * vec([0.55, 0.6, 0.68]), stone) * 0.72 + HAZE * 0.16
    house = step(0.0015, -0.0015, rays[1] - roof)[:, None] * (np.abs(azimuth) < 1.2)[:, None]
    return np.asarray(colour + (stone - colour) * house, np.float32)


def ambient(normal: Floats) -> Floats:
    """Irradiance over pi from the sky dome and the ground, (N, 3), for (3, N) normals."""
    up = (0.5 + 0.5 * normal[1])[:, None]
    side = np.clip(-normal[2], 0, 1)[:, None]  # the bright open street behind the camera
    dome = vec([0.62, 0.74, 0.92]) * up + BOUNCE * (1 - up) * 1.1
    return np.asarray(dome + side * vec([0.16, 0.15, 0.14]), np.float32)


def haze(colour: Floats, depth: Floats, per_m: float = 0.0045) -> Floats:
    """Aerial perspective: distant things fade into the light of the air."""
    clear = np.exp(-np.maximum(depth - 4, 0) * per_m)[:, None]
    return np.asarray(colour * clear + HAZE * (1 - clear), np.float32)


def glint(normal: Floats, rays: Floats, gloss: Floats | float, towards: Floats = SUN) -> Floats:
    """Blinn-Phong highlight of the sun with Schlick's Fresnel, normalised: (N,). `gloss` is in [0, 1]."""
    half = towards[:, None] - rays
    half /= np.sqrt((half * half).sum(0))
    power = 2.0 ** (2 + 8 * np.asarray(gloss, np.float32))
    facing = np.clip((half * normal).sum(0), 0, 1)
    fresnel = 0.04 + 0.96 * (1 - np.clip((-rays * half).sum(0), 0, 1)) ** 5
    lit = np.clip((normal * towards[:, None]).sum(0), 0, 1)
    return np.asarray(facing**power * (power + 2) / 8 * fresnel * lit, np.float32)


def shade_figure(figure: Figure, points: Floats, rays: Floats, detail_m: float) -> Floats:
    """The radiance of the person at (3, N) surface points seen along `rays`: (N, 3).

    `detail_m` is the size of a pixel at the person, the scale at which relief is worth resolving.
    """
    material = figure.materials(points)
    normal = normals(figure.detailed, points, max(detail_m, 0.0008))
    smooth = normals(figure.distance, points, 0.004)
    facing = (normal * SUN[:, None]).sum(0)
    lit = np.zeros(points.shape[1], np.float32)
    near_sun = facing > -0.35
    lifted = points[:, near_sun] + smooth[:, near_sun] * np.float32(0.004)
    lit[near_sun] = sunlight(figure.distance, lifted, SUN, figure.centre, figure.radius, 14.0, 0.008)
    open_sky = openness(figure.distance, points, smooth, 0.10) * (0.55 + 0.45 * step(0.0, 0.5, points[1]))

    out = np.zeros((points.shape[1], 3), np.float32)
    skin = (material == body.SKIN) | (material == body.HANDS)
    for chosen, shader in (
        (skin, _skin),
        (material == body.HAIR, _hair),
        (material == body.EYES, _eyes),
        (~skin & (material != body.HAIR) & (material != body.EYES), _cloth),
    ):
        if chosen.any():
            out[chosen] = shader(
                figure,
                material[chosen],
                points[:, chosen],
                rays[:, chosen],
                normal[:, chosen],
                lit[chosen],
                open_sky[chosen],
            )
    return out


def _skin(
    figure: Figure,
    material: np.ndarray,
    points: Floats,
    rays: Floats,
    normal: Floats,
    lit: Floats,
    open_sky: Floats,
) -> Floats:
    """Wrapped diffuse, redder where light turns away (scattering under the skin), and a soft sheen."""
    albedo, gloss = head.skin_colour(figure.in_head(points), figure.action)
    hands = material == body.HANDS
    albedo[hands], gloss[hands] = vec([0.55, 0.36, 0.275]), 0.3
    facing = (normal * SUN[:, None]).sum(0)[:, None]
    wrap = vec([0.38, 0.20, 0.14])
    diffuse = np.clip((facing + wrap) / (1 + wrap), 0, 1) ** 1.25
    shadow = lit[:, None] ** vec([0.75, 1.0, 1.15])
    occlusion = open_sky[:, None] ** vec([0.72, 1.0, 1.1])
    light = SUN_COLOUR * diffuse * shadow + ambient(normal) * occlusion
    sheen = glint(normal, rays, gloss) * lit
    rim = (1 - np.clip(-(normal * rays).sum(0), 0, 1)) ** 4 * 0.10 * open_sky
    return np.asarray(albedo * light + sheen[:, None] * SUN_COLOUR * 0.8 + rim[:, None] * ZENITH, np.float32)


def _hair(
    figure: Figure,
    material: np.ndarray,
    points: Floats,
    rays: Floats,
    normal: Floats,
    lit: Floats,
    open_sky: Floats,
) -> Floats:
    """Two highlights along the strands (Kajiya and Kay 1989, shifted as by Marschner 2003)."""
    p = figure.in_head(points)
    albedo = head.hair_colour(p)
    flow = figure.head_frame.T @ head.hair_flow(p)
    flow = flow - normal * (flow * normal).sum(0)
    above = 0.25 + 0.75 * step(-0.06, 0.03, p[1])  # the tips are matt
    colour = albedo * (
        SUN_COLOUR * (np.clip((normal * SUN[:, None]).sum(0) * 0.7 + 0.3, 0, 1) * lit)[:, None]
    )
    colour = colour + albedo * ambient(normal) * open_sky[:, None]
    for light, tint, power, shift, strength in (
        (SUN, vec([1, 0.95, 0.9]), 90, 0.07, 0.09 * lit),
        (SUN, vec([1, 0.62, 0.35]), 26, -0.10, 0.035 * lit),
        (vec([0, 1, 0]), vec([0.6, 0.75, 1.0]), 12, 0.0, 0.005 * open_sky),
    ):
        strand = flow + normal * np.float32(shift)
        strand = strand / np.sqrt((strand * strand).sum(0))
        half = light[:, None] - rays
        half = half / np.sqrt((half * half).sum(0))
        along = (strand * half).sum(0)
        shine = np.sqrt(np.clip(1 - along * along, 0, 1)) ** power * strength * above
        shine *= np.clip((normal * light[:, None]).sum(0) + 0.2, 0, 1)
        colour = colour + shine[:, None] * tint * SUN_COLOUR
    return np.asarray(colour, np.float32)


def _eyes(
    figure: Figure,
    material: np.ndarray,
    points: Floats,
    rays: Floats,
    normal: Floats,
    lit: Floats,
    open_sky: Floats,
) -> Floats:
    p = figure.in_head(points)
    facing = np.clip((normal * SUN[:, None]).sum(0) * 0.7 + 0.3, 0, 1)
    light = SUN_COLOUR * (facing * (0.25 + 0.55 * lit))[:, None] + ambient(normal) * (
        0.35 + 0.65 * open_sky[:, None]
    )
    colour = head.eye_colour(p, figure.action) * light
    return np.asarray(colour + head.catchlight(p, figure.action)[:, None] * vec([2.2, 2.15, 2.1]), np.float32)


def _cloth(
    figure: Figure,
    material: np.ndarray,
    points: Floats,
    rays: Floats,
    normal: Floats,
    lit: Floats,
    open_sky: Floats,
) -> Floats:
    """Rough weave: diffuse, with the fuzz that brightens a garment's edge."""
    albedo = np.zeros((material.size, 3), np.float32)
    fine = _WEAVE.sample(points * 700)
    broad = _WEAVE.sample(points * 28)
    for which, base, grain in (
        (body.JACKET, (0.44, 0.045, 0.040), 0.10),
        (body.SHIRT, (0.50, 0.49, 0.46), 0.04),
        (body.TROUSERS, (0.050, 0.075, 0.135), 0.22),
        (body.SHOES, (0.52, 0.50, 0.48), 0.03),
    ):
        chosen = material == which
        shade = 1 + grain * fine[chosen] + 0.05 * broad[chosen]
        albedo[chosen] = vec(base) * shade[:, None]
    soles = (material == body.SHOES) & (points[1] < 0.024)
    albedo[soles] *= 0.8
    worn = (material == body.TROUSERS) * (0.5 + 0.5 * broad) * 0.35
    albedo = albedo * (1 + worn[:, None])
    albedo = albedo * figure.seams(points, material)[:, None]
    facing = np.clip((normal * SUN[:, None]).sum(0), 0, 1)
    light = SUN_COLOUR * (facing * lit)[:, None] + ambient(normal) * open_sky[:, None]
    fuzz = (1 - np.clip(-(normal * rays).sum(0), 0, 1)) ** 3 * 0.35
    sheen = glint(normal, rays, 0.18) * lit * 0.5
    colour = albedo * light * (1 + fuzz[:, None]) + sheen[:, None] * SUN_COLOUR
    return np.asarray(colour, np.float32)
