"""The matrices of glTF nodes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from compositing.camera.turns import from_quaternion

Array = NDArray[Any]


def local_matrix(node: dict[str, Any]) -> Array:
    """A node's matrix to its parent, (4, 4)."""
    if "matrix" in node:
        return np.array(node["matrix"], np.float64).reshape(4, 4).T
    x, y, z, w = node.get("rotation", (0, 0, 0, 1))
    return pose(
        node.get("translation", (0, 0, 0)),
        from_quaternion(np.array(w), np.array([x, y, z])),
        node.get("scale", (1, 1, 1)),
    )


def pose(shift: Any, rotation: Array, scale: Any) -> Array:
    """A matrix (4, 4) that scales, turns and shifts, in this order."""
    matrix = np.eye(4)
    matrix[:3, :3] = rotation * np.asarray(scale, np.float64)
    matrix[:3, 3] = shift
    return matrix
