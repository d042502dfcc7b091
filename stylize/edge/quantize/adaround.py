"""AdaRound on demand: weights go up or down as a layer's answers want it, not each to its nearest step."""

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

from stylize.edge.quantize.simulate import needs_aimet, quiet

PREFIX = "weights"


@dataclass(frozen=True)
class Rounded:
    """A network whose weights lie on steps, and AIMET's encodings of these steps."""

    module: nn.Module
    encodings: dict[str, Any]


def learn_rounding(
    module: nn.Module, calls: Sequence[tuple[Tensor, ...]], bits: int, config: str | None, iterations: int
) -> Rounded:
    """Rounds every convolution and product, one after another in the order they run.

    Source: Nagel et al., "Up or Down? Adaptive Rounding for Post-Training Quantization", ICML 2020.

    Args:
        calls: inputs that answers are compared on; the answers of every layer are held in memory.
        config: AIMET's name for the integer rules of a chip.
        iterations: a layer. A rounding moves after some hundreds; AIMET's own default is 10,000.
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
        redirect_stderr(io.StringIO()),  # AIMET draws bars
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
    return Rounded(rounded, encodings)
