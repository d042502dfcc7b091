"""What an export is made for."""

from __future__ import annotations

from dataclasses import dataclass

from stylize.edge.manifest import TargetName


@dataclass(frozen=True)
class Target:
    """Bits, where they are, and how near to float its frames must be.

    `activations` counts bits, None where they stay float; `everywhere` quantizes what every operation gives, as
    integer-only chips want it, else only what goes into convolutions and products is; `gate_db` is the least PSNR
    of a drawn frame beside float.
    """

    name: TargetName
    words: str
    weights: int | None
    activations: int | None
    everywhere: bool
    gate_db: float


TARGETS: dict[str, Target] = {
    each.name: each
    for each in (
        Target("float", "fp32, fused and compiled", None, None, False, 50.0),
        Target("w8", "8-bit weights, the rest in fp32: a quarter of the size", 8, None, False, 35.0),
        Target("cpu-int8", "8-bit convolutions and products, for processors", 8, 8, False, 30.0),
        Target("htp-w8a16", "8-bit weights, 16-bit activations, for Qualcomm's NPU", 8, 16, True, 35.0),
    )
}
RATIOS = (0.9, 1.1)
"""Between these the effect of the prompt and of the ControlNets must lie, beside float."""
