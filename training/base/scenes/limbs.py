"""The outline of an arm or a leg."""

from __future__ import annotations

import numpy as np

from .body import Body
from .shapes import open_curve, ribbon


def limb_outline(
    body: Body, joints: np.ndarray, widths: list[float], first: float = 0.0, last: float = 1.0
) -> np.ndarray:
    """A smooth tapering limb, or a part of it, in canvas px.

    Args:
        joints: (3, 2), such as shoulder, elbow and wrist, in the body's frame.
        widths: full widths in head heights, spread evenly along the part.
        first, last: where the part begins and ends, 0 at the first joint and 1 at the last.
    """
    start, bend, end = joints
    line = open_curve(np.array([start, 0.5 * start + 0.5 * bend, bend, 0.5 * bend + 0.5 * end, end]), 5)
    along = np.linspace(0, 1, len(line))
    part = line[(along >= first) & (along <= last)]
    if len(part) < 3:
        part = line[-3:] if first > 0.5 else line[:3]
    return ribbon(body.at(part), np.asarray(widths) * body.head.height, cap=True)
