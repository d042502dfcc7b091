"""A union of ControlNets: one network for several conditions, which are told apart by a number."""

from __future__ import annotations

from typing import Any

from stylize.errors import ModelError

MODES = {
    "pose": 0,
    "depth": 1,
    "softedge": 2,
    "canny": 3,
    "lineart": 3,
    "lineart_anime": 3,
    "lineart_standard": 3,
    "normal": 4,
    "segmentation": 5,
    "tile": 6,
    "repaint": 7,
}
"""The numbers of conditions. Source: xinsir/controlnet-union-sdxl-1.0 (six conditions; eight in its ProMax)."""


def is_union(net: Any) -> bool:
    return hasattr(net.config, "num_control_type")


def mode_of(net: Any, condition: str, where: str) -> int | None:
    """The number of a condition in a union; None for a ControlNet of one condition.

    Raises:
        ModelError: the union was not trained for it.
    """
    if not is_union(net):
        return None
    mode, count = MODES.get(condition), int(net.config.num_control_type)
    if mode is None or mode >= count:
        known = ", ".join(name for name, number in MODES.items() if number < count)
        raise ModelError(
            f"This union of ControlNets has no condition {condition!r}.",
            where=where,
            hint=f"it has: {known}" + ("; tile is in the ProMax version" if condition == "tile" else ""),
        )
    return mode
