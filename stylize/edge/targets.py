"""What an export is made for: how many bits, where, and how close to float its frames must be."""

from __future__ import annotations

from dataclasses import dataclass

from stylize.edge.manifest import TargetName


@dataclass(frozen=True)
class QuantizationTarget:
    """One target of `stylize edge quantize`.

    `weight_bits` and `activation_bits` are None where those stay float. `integer_only` quantizes the output of
    every operation, as chips without floating point need it; otherwise only what goes into convolutions and
    products is quantized. `min_psnr_db` is the least PSNR of drawn frames, compared with float, that an export
    passes with.
    """

    name: TargetName
    description: str
    weight_bits: int | None
    activation_bits: int | None
    integer_only: bool
    min_psnr_db: float


TARGETS: dict[str, QuantizationTarget] = {
    target.name: target
    for target in (
        QuantizationTarget("float", "fp32, LoRAs fused, compiled", None, None, False, 50.0),
        QuantizationTarget(
            "w8", "8-bit weights, the rest in fp32: a quarter of the size", 8, None, False, 35.0
        ),
        QuantizationTarget("cpu-int8", "8-bit convolutions and products, for processors", 8, 8, False, 30.0),
        QuantizationTarget(
            "htp-w8a16", "8-bit weights, 16-bit activations, for Qualcomm's NPU", 8, 16, True, 35.0
        ),
    )
}
