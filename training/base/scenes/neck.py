"""The neck, with the shadow of the jaw on it."""

from __future__ import annotations

import numpy as np

from .body import Body
from .head import SKIN_GROUP, Head
from .layer import Layer, Texture, Tint
from .shapes import closed_curve, ellipse

OUTLINE = ((-0.19, 0.25), (-0.19, 0.62), (-0.5, 0.92), (0, 1.15), (0.5, 0.92), (0.19, 0.62), (0.19, 0.25))
COLLARBONES_FROM_PX = 60
"""Height of a head (canvas px) above which collarbones are drawn."""
JAW_SHADOW = (0.75, 0.68, 0.66)


def neck(body: Body) -> Layer:
    """Skin from under the jaw to the collarbones. Clothes are drawn over its lower part."""
    head = body.head
    return Layer(
        body.at(closed_curve(OUTLINE, 4)),
        head.skin,
        flesh=True,
        round=body.px(0.18),
        group=SKIN_GROUP + 2,
        depth=body.depth,
        strokes=[
            body.stroke([(side * 0.05, 0.86), (side * 0.28, 0.83)], 0.014, steps=4, soft=0.3, ink=0.7)
            for side in (-1, 1)
            if head.height > COLLARBONES_FROM_PX
        ],
        tints=[_jaw_shadow(body, head)],
        texture=Texture("concrete", 0.03, 0.4),
    )


def _jaw_shadow(body: Body, head: Head) -> Tint:
    below_jaw = ellipse((0.05 * np.sin(head.yaw), 0.5), 0.28, 0.16, 0, 16)
    return Tint(body.at(below_jaw), JAW_SHADOW, body.px(0.06))
