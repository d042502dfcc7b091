"""Quantization by AIMET: small, near to float, and the files are what the simulator says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from stylize.edge.build.build import Built, build
from stylize.edge.build.graphs import Graph, graphs_of
from stylize.edge.build.measure import sqnr
from stylize.edge.gate import fault_of
from stylize.edge.manifest import Metrics, size_of
from stylize.look import Look
from tests.edge.conftest import order_of, silent

pytest.importorskip("aimet_torch")


@pytest.fixture(scope="module")
def int8(looks: dict[str, Look], clip: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    return build(order_of(looks["mini"], "cpu-int8", tmp_path_factory.mktemp("int8"), clip), silent)


@pytest.fixture(scope="module")
def npu(looks: dict[str, Look], clip: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    order = order_of(looks["narrow"], "htp-w8a16", tmp_path_factory.mktemp("npu"), clip, (128, 64))
    return build(order, silent)


def test_int8_frames_are_near_floats(int8: Built) -> None:
    metrics = int8.manifest.metrics
    assert metrics is not None
    assert metrics.psnr >= 30
    assert 0.9 <= metrics.conditioning <= 1.1
    assert metrics.control is not None
    assert 0.9 <= metrics.control <= 1.1
    assert int8.manifest.wide_layers


def test_int8_weights_take_little_more_than_a_quarter(int8: Built) -> None:
    for name in ("unet", "controlnet.tile"):
        part = int8.manifest.parts[name]
        assert size_of(int8.folder, part) < 0.33 * part.float_bytes


def test_eight_bits_on_disk_are_as_near_to_float_as_simulated(int8: Built) -> None:
    """Runtimes fuse and reorder, so single numbers differ; the distance from float does not."""
    for name, near in int8.fidelity.items():
        assert near.file_to_float >= near.simulator_to_float - 1.5, name


def test_sixteen_bits_on_disk_are_the_simulators(npu: Built) -> None:
    """With the runtime's optimizations on."""
    assert set(npu.fidelity) == set(npu.manifest.parts)
    for name, near in npu.fidelity.items():
        assert near.file_to_simulator >= 60, name
    assert npu.manifest.metrics is not None
    assert npu.manifest.metrics.psnr >= 35


def test_qualcomms_tools_get_encodings(npu: Built) -> None:
    assert npu.manifest.size == (128, 64)
    for name in npu.manifest.parts:
        names = {file.name for file in (npu.folder / name / "qualcomm").iterdir()}
        assert {"model.onnx", "model.encodings"} <= names


def test_a_build_is_taken_up_where_it_stopped(int8: Built, looks: dict[str, Look], clip: Path) -> None:
    told: list[tuple[str, str]] = []
    (int8.folder / "edge.json").unlink()
    again = build(
        order_of(looks["mini"], "cpu-int8", int8.folder, clip),
        lambda stage, words: told.append((stage, words)),
    )
    assert ("unet", "taken up") in told
    assert again.manifest.wide_layers == int8.manifest.wide_layers
    assert again.manifest.metrics == int8.manifest.metrics


def test_affine_norms_give_the_same_numbers(looks: dict[str, Look]) -> None:
    import torch
    from torch import nn

    from stylize.edge.build.layout import AffineNorm

    torch.manual_seed(0)
    norm = nn.GroupNorm(4, 12)
    nn.init.normal_(norm.weight)
    nn.init.normal_(norm.bias)
    for shape in ((2, 12, 9, 7), (2, 12, 31)):
        picture = 3 * torch.randn(shape) + 1
        torch.testing.assert_close(AffineNorm(norm)(picture), norm(picture), atol=1e-5, rtol=1e-5)


def test_the_gate_says_why() -> None:
    from tests.edge.test_inputs import manifest_with

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
    import torch
    from torch import nn

    from stylize.edge.build.quantize import simulate
    from stylize.edge.build.sensitivity import sensitivity
    from stylize.edge.manifest import Port
    from stylize.edge.targets import TARGETS

    torch.manual_seed(0)
    body = nn.Sequential(*(nn.Conv2d(8, 8, 3, padding=1) for _ in range(3)))
    with torch.no_grad():
        body[1].weight[:, 0, 0, 0] = 20.0
    port = Port(name="picture", shape=(1, 8, "height", "width"))
    graph = Graph("toy", body, (port,), (port,))
    calls = [graph.example(16, 16, seed) for seed in range(2)]
    sim = simulate(graph, TARGETS["cpu-int8"], calls)
    assert sensitivity(graph, sim, calls)[0].name == "1"
    assert graphs_of is not None
