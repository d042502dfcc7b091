"""Whether an export draws well enough to be taken without being named."""

from __future__ import annotations

from stylize.edge.manifest import Manifest
from stylize.edge.targets import TARGETS

EFFECT_RATIOS = (0.9, 1.1)
"""The effect of the prompt and of the ControlNets, export over float, must lie between these."""
MAX_FLICKER = 1.05
"""The most that an export's frames may flicker, as a ratio to float's."""


def fault_of(manifest: Manifest) -> str | None:
    """Why `--runtime edge` and `auto` do not take an export by themselves, in a sentence; None where they do."""
    metrics = manifest.metrics
    if metrics is None:
        return "it was never compared with float: quantize it with --calibrate CLIP"
    least = TARGETS[manifest.target].min_psnr_db
    if metrics.psnr < least:
        return f"its frames are {metrics.psnr:.1f} dB from float's, and {least:.0f} dB are required"
    low, high = EFFECT_RATIOS
    for name, ratio in (("the prompt", metrics.conditioning), ("the ControlNets", metrics.control)):
        if ratio is not None and not low <= ratio <= high:
            return f"{name} has {ratio:.2f} of its effect in float, and {low} to {high} are required"
    if metrics.flicker is not None and metrics.flicker > MAX_FLICKER:
        return f"its frames flicker {metrics.flicker:.2f} times as much as float's, and {MAX_FLICKER} are allowed"
    return None
