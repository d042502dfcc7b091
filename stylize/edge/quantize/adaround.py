"""AdaRound: learns for each weight whether it is rounded up or down, by the error of its layer's outputs."""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Sequence
from contextlib import redirect_stderr
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from stylize.edge.quantize.aimet import needs_aimet, quiet

PREFIX = "weights"


@dataclass(frozen=True)
class RoundedNetwork:
    """A network whose weights were rounded to quantization steps, and AIMET's encodings of these steps."""

    module: nn.Module
    encodings: dict[str, Any]


def learn_rounding(
    module: nn.Module, calls: Sequence[tuple[Tensor, ...]], bits: int, config: str | None, iterations: int
) -> RoundedNetwork:
    """Rounds the weights of every convolution and linear layer, in the order in which they run.

    Source: Nagel et al., "Up or Down? Adaptive Rounding for Post-Training Quantization", ICML 2020.

    Args:
        calls: inputs of the network, on which outputs are compared; all outputs of a layer are held in memory.
        bits: of the weights.
        config: AIMET's name for the integer rules of a chip.
        iterations: for each layer. Hundreds are needed for any change; AIMET's own default is 10,000.
    """
    needs_aimet()
    from aimet_torch.adaround.adaround_weight import Adaround, AdaroundParameters
    from aimet_torch.common.defs import QuantScheme

    parameters = AdaroundParameters(
        data_loader=calls,
        num_batches=len(calls),
        default_num_iterations=iterations,
        forward_fn=lambda model, call: model(*call),
    )
    with (
        tempfile.TemporaryDirectory(prefix="adaround-") as place,
        redirect_stderr(io.StringIO()),  # AIMET draws progress bars
        quiet(),
    ):
        rounded = Adaround.apply_adaround(
            module,
            calls[0],
            parameters,
            path=place,
            filename_prefix=PREFIX,
            default_param_bw=bits,
            default_quant_scheme=QuantScheme.min_max,
            default_config_file=config,
        )
        encodings = json.loads((Path(place) / f"{PREFIX}.encodings").read_text())
    return RoundedNetwork(rounded, encodings)
