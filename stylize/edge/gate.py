"""Whether an export draws well enough."""

from __future__ import annotations

from stylize.edge.manifest import Manifest
from stylize.edge.targets import RATIOS, TARGETS

FLICKER = 1.05
"""How much more than float's frames an export's may change against the motion of their source."""


def fault_of(manifest: Manifest) -> str | None:
    """What keeps an export from being taken by itself, in a sentence; None where it may."""
    metrics = manifest.metrics
    if metrics is None:
        return "it was never held against float: quantize it with --calibrate CLIP"
    least = TARGETS[manifest.target].gate_db
    if metrics.psnr < least:
        return f"its frames are {metrics.psnr:.1f} dB from float's, and {least:.0f} dB are asked"
    for name, ratio in (("the prompt", metrics.conditioning), ("the ControlNets", metrics.control)):
        if ratio is not None and not RATIOS[0] <= ratio <= RATIOS[1]:
            return f"{name} has {ratio:.2f} of its effect in float, and {RATIOS[0]} to {RATIOS[1]} are asked"
    if metrics.flicker is not None and metrics.flicker > FLICKER:
        return f"its frames flicker {metrics.flicker:.2f} times as much as float's, and {FLICKER} are allowed"
    return None
