"""The head: face, eyes and hair as signed distances, and the colours painted on them.

Local frame: x to the person's right, y up, z out of the face; the origin lies between the ears at the
height of the eyes. Metres throughout: the head is 0.22 high.
"""

from __future__ import annotations

import numpy as np

from .shapes import carve, ellipsoid, limb, melt, sphere, step
from .skeleton import Action
from .texture import Floats, Texture, Volume, fractal, vec

EYE = (0.0315, -0.002, 0.0700)
EYE_RADIUS = 0.0146
_STRANDS = Texture(fractal(256, (4, 64), 3, 71, 0.75))
_LOCKS = Texture(fractal(256, (2, 16), 3, 72, 0.6))
_MOTTLE = Volume(32, 73)


def _vec(x: float, y: float, z: float) -> Floats:
    return vec([x, y, z])


def face(points: Floats, action: Action) -> Floats:
    """Skull, features, ears and neck: the distance to skin, (N,)."""
    x, y, z = np.abs(points[0]), points[1], points[2]
    p = np.stack([x, y, z])
    skin = ellipsoid(p, (0, 0.035, -0.012), (0.073, 0.085, 0.092))
    skin = melt(skin, ellipsoid(p, (0, -0.028, 0.027), (0.0585, 0.078, 0.062)), 0.03)
    skin = melt(skin, ellipsoid(p, (0, -0.083, 0.058), (0.026, 0.022, 0.027)), 0.045)
    skin = melt(skin, sphere(p, (0.036, -0.026, 0.053), 0.0245), 0.035)
    skin = melt(skin, limb(p, _vec(0.012, 0.021, 0.084), _vec(0.042, 0.020, 0.066), 0.006, 0.005), 0.02)
    skin = carve(skin, ellipsoid(p, (0.033, 0.000, 0.099), (0.019, 0.0125, 0.018)), 0.018)

    nose = limb(p, _vec(0, 0.008, 0.083), _vec(0, -0.027, 0.1015), 0.0062, 0.0088)
    nose = melt(nose, sphere(p, (0.0098, -0.030, 0.0925), 0.0062), 0.008)
    skin = melt(skin, nose, 0.016)

    skin = melt(skin, _lips(p, action.smile), 0.007)
    skin = melt(skin, _lids(p, action.blink), 0.0045)
    skin = melt(skin, ellipsoid(p, (0.0745, -0.008, -0.008), (0.008, 0.031, 0.018)), 0.008)
    neck = limb(p, _vec(0, -0.065, -0.012), _vec(0, -0.20, -0.03), 0.048, 0.054)
    return melt(skin, neck, 0.022)


def _lips(p: Floats, smile: float) -> Floats:
    """Two soft rolls that part along a line; the corners rise with `smile`."""
    curl = np.float32(smile * 6.5) * p[0] * p[0]
    q = np.stack([p[0], p[1] - curl, p[2] + p[0] * p[0] * 9.0])
    wide = 0.0205 + 0.003 * smile
    upper = ellipsoid(q, (0.004, -0.0555, 0.0895), (wide, 0.0052, 0.0075))
    lower = ellipsoid(q, (0.0, -0.0650, 0.0880), (wide * 0.88, 0.0066, 0.0080))
    mouth = melt(upper, lower, 0.003)
    groove = ellipsoid(q, (0, -0.0598, 0.098), (wide * 1.15, 0.0009, 0.006))
    return carve(mouth, groove, 0.0025)


def _lids(p: Floats, blink: float) -> Floats:
    """A shell over the eyeball, open between two planes through its centre."""
    x, y, z = p[0] - EYE[0], p[1] - EYE[1], p[2] - EYE[2]
    shell = np.sqrt(x * x + y * y + z * z) - (EYE_RADIUS + 0.0016)
    upper_edge = np.deg2rad(27.0 - 50.0 * blink) - (x / EYE_RADIUS) ** 2 * 0.22 + x * 4.0
    lower_edge = np.deg2rad(-24.0 + 2.0 * blink) + (x / EYE_RADIUS) ** 2 * 0.16 + x * 4.0
    angle = np.arctan2(y, np.maximum(z, 1e-4))
    gap = np.minimum(upper_edge - angle, angle - lower_edge) * EYE_RADIUS
    return np.maximum(shell, gap * 0.8)


def eyes(points: Floats) -> Floats:
    """The eyeballs, with the cornea's slight bulge left to the shading."""
    return sphere(np.stack([np.abs(points[0]), points[1], points[2]]), EYE, EYE_RADIUS)


def _azimuth(points: Floats) -> Floats:
    """Where on the head a strand grows, in turns: the angle about an axis through the crown."""
    return np.asarray(np.arctan2(points[0] - 0.012, points[2] + 0.03) / (2 * np.pi), np.float32)


def hair(points: Floats, *, detail: bool = False) -> Floats:
    """A bob with a swept fringe: the distance to its surface, (N,). `detail` adds single strands."""
    x, y, z = points
    azimuth = _azimuth(points)
    lock = _LOCKS.sample(azimuth * 3, y * 2.5 + 0.3 * azimuth, 0.0) - 0.5
    cap = ellipsoid(points, (0, 0.036, -0.016), (0.0865, 0.0985, 0.108))
    bob = ellipsoid(points, (0, -0.030, -0.040), (0.094, 0.112, 0.080))
    shell = melt(cap, bob, 0.05) - lock * 0.011
    # The face shows through an opening: an arch whose edge is the fringe and the side locks.
    side = np.abs(x - 0.004)
    brow = 0.049 - 0.38 * x - 6.0 * x * x + lock * 0.026
    fringe = (y - brow) * 0.8
    window = np.maximum(np.maximum(side - 0.064 - 0.012 * lock - 0.08 * np.abs(y), fringe), 0.012 - z)
    shell = carve(shell, window, 0.012)
    hem = -0.108 + 0.03 * lock - 0.25 * np.clip(z, -0.05, 0.05)
    shell = carve(shell, (y - hem) * 0.9, 0.02)
    if detail:
        shell = shell - 0.0042 * _strand(points)
    return np.asarray(shell, np.float32)


def _strand(points: Floats) -> Floats:
    azimuth = _azimuth(points)
    return np.asarray(
        0.6 * _STRANDS.sample(azimuth * 2.0, points[1] * 1.4 + azimuth, 0.0)
        + 0.4 * _STRANDS.sample(azimuth * 5.0 + 0.37, points[1] * 2.0 - azimuth, 0.0)
        - 0.5,
        np.float32,
    )


def skin_colour(points: Floats, action: Action) -> tuple[Floats, Floats]:
    """Albedo (N, 3) and gloss (N,) of the face: mottle, blush, lips, brows, lashes."""
    x, y, z = np.abs(points[0]), points[1], points[2]
    front = step(0.02, 0.05, z)
    mottle = _MOTTLE.sample(points * 260) * 0.5 + _MOTTLE.sample(points * 90)
    skin = vec([0.565, 0.365, 0.275]) * (1 + 0.035 * mottle[:, None])
    blush = np.exp(-(((x - 0.038) / 0.02) ** 2) - ((y + 0.030) / 0.017) ** 2) * front
    blush = blush + 0.8 * np.exp(-((x / 0.012) ** 2) - ((y + 0.027) / 0.012) ** 2) * front
    skin = skin * (1 - blush[:, None] * vec([0.02, 0.22, 0.20]))
    gloss = 0.32 + 0.1 * front

    curl = action.smile * 6.5 * x * x
    wide = 0.0235 + 0.003 * action.smile
    middle = y - curl + 0.0600
    arch = np.sqrt(np.clip(1 - (x / wide) ** 2, 0, 1))
    bow = 1 + 0.15 * np.cos(np.clip(x / 0.006, 0, 1) * np.pi)
    reach = np.where(middle > 0, 0.0070 / bow * 1.1, 0.0088) * arch
    lips = step(0.0, 0.0016, reach - np.abs(middle)) * front * (x < wide)
    skin = skin + (vec([0.46, 0.165, 0.15]) - skin) * (0.85 * lips)[:, None]
    gloss = gloss + 0.2 * lips
    parting = np.exp(-((middle / 0.0012) ** 2)) * step(wide, wide - 0.005, x) * front
    skin = skin * (1 - 0.8 * parting[:, None])

    nostril = np.exp(-(((x - 0.0062) / 0.0030) ** 2) - ((y + 0.0375) / 0.0022) ** 2) * front
    skin = skin * (1 - nostril[:, None] * vec([0.6, 0.72, 0.72]))
    brow_y = 0.0238 + 0.24 * (x - 0.010) - 5.0 * (x - 0.024) ** 2
    thick = 0.0030 * step(0.008, 0.016, x) * (1 - step(0.026, 0.049, x))
    hairs = 0.85 + 0.3 * _MOTTLE.sample(points * vec([420, 180, 180])[:, None])
    brow = step(0.0016, -0.0016, np.abs(y - brow_y) - thick) * step(0.0, 0.0008, thick) * front * hairs
    skin = skin + (vec([0.045, 0.027, 0.018]) - skin) * np.clip(0.85 * brow, 0, 1)[:, None]

    ex, ey, ez = x - EYE[0], y - EYE[1], z - EYE[2]
    angle = np.arctan2(ey, np.maximum(ez, 1e-4))
    upper = np.deg2rad(27.0 - 50.0 * action.blink) - (ex / EYE_RADIUS) ** 2 * 0.22 + ex * 4.0
    near = step(0.0208, 0.0168, np.sqrt(ex * ex + ey * ey + ez * ez)) * step(0.0172, 0.0135, np.abs(ex))
    lash = np.exp(-(((angle - upper + 0.02) / 0.13) ** 2)) * near
    crease = 0.45 * np.exp(-(((angle - upper - 0.42) / 0.07) ** 2)) * near * (1 - action.blink)
    lower = np.deg2rad(-24.0) + (ex / EYE_RADIUS) ** 2 * 0.16 + ex * 4.0
    under = 0.35 * np.exp(-(((angle - lower) / 0.06) ** 2)) * near
    dark = np.clip(0.95 * lash + crease + under, 0, 0.97)[:, None]
    skin = skin * (1 - dark) + vec([0.022, 0.013, 0.010]) * dark
    return np.asarray(skin, np.float32), np.asarray(gloss, np.float32)


def eye_colour(points: Floats, action: Action) -> Floats:
    """Albedo (N, 3) of the eyeballs: sclera, iris with its dark rim, pupil, the upper lid's shade."""
    sign = np.where(points[0] > 0, 1.0, -1.0)
    offset = np.stack([points[0] - sign * EYE[0], points[1] - EYE[1], points[2] - EYE[2]]) / EYE_RADIUS
    right, up = np.deg2rad(action.gaze[0]), np.deg2rad(action.gaze[1])
    x, y = offset[0] - np.sin(right), offset[1] - np.sin(up)
    out = np.sqrt(x * x + y * y)
    spokes = 0.8 + 0.4 * _MOTTLE.sample(np.stack([np.arctan2(y, x) * 9, out * 2, sign]))
    iris = vec([0.115, 0.058, 0.022]) * (spokes * (0.55 + 1.3 * step(0.44, 0.2, out)))[:, None]
    iris = iris * (1 - 0.75 * step(0.36, 0.47, out))[:, None]
    iris = iris * (1 - 0.96 * step(0.20, 0.15, out))[:, None]
    white = vec([0.62, 0.58, 0.56]) * (1 - 0.35 * step(0.55, 1.0, np.abs(offset[0])))[:, None]
    colour = white + (iris - white) * step(0.50, 0.45, out)[:, None]
    shade = 1 - 0.55 * step(0.05, 0.5, offset[1])
    return np.asarray(colour * shade[:, None], np.float32)


def catchlight(points: Floats, action: Action) -> Floats:
    """The sky's and the sun's small mirror image in each cornea: (N,) from 0 to 1."""
    sign = np.where(points[0] > 0, 1.0, -1.0)
    x = (points[0] - sign * EYE[0]) / EYE_RADIUS - np.sin(np.deg2rad(action.gaze[0]))
    y = (points[1] - EYE[1]) / EYE_RADIUS - np.sin(np.deg2rad(action.gaze[1]))
    sun = step(0.13, 0.07, np.hypot(x - 0.15, y - 0.17))
    sky = 0.06 * step(0.45, 0.3, np.hypot(x, y)) * step(-0.05, 0.3, y)
    return np.asarray(sun + sky, np.float32)


def hair_colour(points: Floats) -> Floats:
    """Albedo (N, 3): dark brown, a little lighter along some strands."""
    light = np.clip(0.9 + 2.3 * _strand(points), 0.2, 2.6)
    return np.asarray(vec([0.062, 0.031, 0.016]) * light[:, None], np.float32)


def hair_flow(points: Floats) -> Floats:
    """The direction in which strands lie, (3, N) unit: from the crown outward and down."""
    x, z = points[0] - 0.012, points[2] + 0.03
    outward = np.clip(1 - np.hypot(x, z) / 0.09, 0, 1)
    spread = np.maximum(np.hypot(x, z), 1e-4)
    flow = np.stack([x / spread * outward, -(1.02 - outward), z / spread * outward])
    return np.asarray(flow / np.sqrt((flow * flow).sum(0)), np.float32)
