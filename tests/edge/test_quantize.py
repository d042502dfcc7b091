"""What quantization is judged by, and the pieces that it is made of.

Whole builds take minutes, so `stylize edge quantize` itself prints how near the files are to the simulator and
to float, and `scripts/bench edge` sets exports beside torch.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from stylize.edge.build.graphs import Graph
from stylize.edge.build.layout import AffineNorm
from stylize.edge.build.measure import sqnr
from stylize.edge.gate import fault_of
from stylize.edge.manifest import Metrics, Port
from stylize.edge.targets import TARGETS
from tests.edge.test_inputs import manifest_with


def test_affine_norms_give_the_same_numbers() -> None:
    torch.manual_seed(0)
    norm = nn.GroupNorm(4, 12)
    nn.init.normal_(norm.weight)
    nn.init.normal_(norm.bias)
    for shape in ((2, 12, 9, 7), (2, 12, 31)):
        picture = 3 * torch.randn(shape) + 1
        torch.testing.assert_close(AffineNorm(norm)(picture), norm(picture), atol=1e-5, rtol=1e-5)


def test_the_gate_says_why() -> None:
    good = Metrics(psnr=40, psnr_worst=39, ssim=0.99, conditioning=1.0, control=1.0, flicker=1.0, frames=4)
    assert fault_of(manifest_with(good)) is None
    for change, words in (
        ({"psnr": 29.0}, "29.0 dB"),
        ({"conditioning": 0.05}, "the prompt"),
        ({"control": 1.3}, "the ControlNets"),
        ({"flicker": 1.2}, "flicker"),
    ):
        assert words in str(fault_of(manifest_with(good.model_copy(update=change))))
    assert "never held" in str(fault_of(manifest_with(None)))


def test_signal_to_noise() -> None:
    truth = np.ones(100, np.float32)
    assert sqnr(truth * 1.1, truth) == pytest.approx(20, abs=0.01)
    assert sqnr(truth, truth) == 150


def test_the_worst_layer_is_found() -> None:
    """A layer whose weights span far is the one that eight bits hurt."""
    pytest.importorskip("aimet_torch")
    from stylize.edge.build.quantize import simulate
    from stylize.edge.build.sensitivity import sensitivity

    torch.manual_seed(0)
    body = nn.Sequential(*(nn.Conv2d(8, 8, 3, padding=1) for _ in range(3)))
    with torch.no_grad():
        body[1].weight[:, 0, 0, 0] = 20.0
    port = Port(name="picture", shape=(1, 8, "height", "width"))
    graph = Graph("toy", body, (port,), (port,))
    calls = [graph.example(16, 16, seed) for seed in range(2)]
    sim = simulate(graph, TARGETS["cpu-int8"], calls)
    assert sensitivity(graph, sim, calls)[0].name == "1"
