"""Flow between its samples, where it jumps.

Beside a moving limb the flow jumps from one motion to the other. A value halfway between them leads to a place
that belongs to neither: a key that is fetched from there shows, along the whole edge, a thin line of whatever lies
between. So a point beside a jump takes the motion of the nearest sample.
"""

from __future__ import annotations

import cv2
import numpy as np

from deflicker.arrays import Field
from deflicker.warp import grid, resize_flow

JUMP = 1.0
"""A mean of samples that is farther from the nearest one, in px of the samples, lies in a jump."""
ROUND = 5
"""Width in px of the median that rounds the corners of samples that are enlarged."""


def warp_flow(flow: Field, motion: Field) -> Field:
    """The flow at x + motion(x), as `warp` gives it, but never a mean across a jump.

    Args: both (height, width, 2) float32 px, and so is what is returned.
    """
    where = cv2.add(grid(*flow.shape[:2]), motion)

    def sampled(how: int) -> Field:
        return cv2.remap(flow, where, None, how, borderMode=cv2.BORDER_REPLICATE)  # type: ignore[call-overload]

    return _unmixed(sampled(cv2.INTER_LINEAR), sampled(cv2.INTER_NEAREST), JUMP)


def enlarge_flow(flow: Field, height: int, width: int) -> Field:
    """The flow on a larger grid, as `resize_flow` gives it, but never a mean across a jump."""
    rows, columns = flow.shape[:2]
    if (rows, columns) == (height, width):
        return flow
    scale = np.array([width / columns, height / rows], np.float32)
    near = cv2.resize(flow, (width, height), interpolation=cv2.INTER_NEAREST) * scale
    near = cv2.merge([cv2.medianBlur(each, ROUND) for each in cv2.split(near)]).astype(np.float32)
    return _unmixed(resize_flow(flow, height, width), near, JUMP * float(scale.max()))


def _unmixed(mean: Field, nearest: Field, jump: float) -> Field:
    apart = cv2.max(*cv2.split(cv2.absdiff(mean, nearest))) > jump
    cv2.copyTo(nearest, apart.view(np.uint8), mean)
    return mean
