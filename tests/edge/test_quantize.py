"""What quantization is judged by, and the pieces that it is made of.

Whole builds take minutes, so `stylize edge quantize` itself prints how near the files are to the simulator and
to float, and `scripts/bench edge` sets exports beside torch.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from diffusers.models.resnet import ResnetBlock2D
from torch import nn

from stylize.config.resolved import ResolvedConfig
from stylize.edge.engines import open_engine
from stylize.edge.gate import fault_of
from stylize.edge.manifest import ExportPart, Metrics, Port
from stylize.edge.quantize.adaround import learn_rounding
from stylize.edge.quantize.compact import compact
from stylize.edge.quantize.graphs import Graph
from stylize.edge.quantize.layout import AffineNorm, Resnet, lay_out
from stylize.edge.quantize.measure import sqnr
from stylize.edge.quantize.part import NOTES, BuiltPart, Fidelity, build_part
from stylize.edge.quantize.record import Recording, UNetCall, load_recording, save_recording
from stylize.edge.quantize.request import BuildRequest
from stylize.edge.quantize.sensitivity import LayerSensitivity, sensitivity, within_budget
from stylize.edge.quantize.simulate import config_of, keep_wide, simulate
from stylize.edge.quantize.write import write_part
from stylize.edge.targets import TARGETS
from tests.edge.conftest import request_of, silent
from tests.edge.test_inputs import manifest_with
from training.edge.touch_up import touch_up


def test_affine_norms_give_the_same_numbers() -> None:
    torch.manual_seed(0)
    norm = nn.GroupNorm(4, 12)
    nn.init.normal_(norm.weight)
    nn.init.normal_(norm.bias)
    for shape in ((2, 12, 9, 7), (2, 12, 31)):
        picture = 3 * torch.randn(shape) + 1
        torch.testing.assert_close(AffineNorm(norm)(picture), norm(picture), atol=1e-5, rtol=1e-5)


def test_blocks_that_hand_over_their_embedding_give_the_same_numbers() -> None:
    torch.manual_seed(0)
    for channels, embedding in ((24, torch.randn(1, 32)), (16, torch.randn(1, 32)), (24, None)):
        block = ResnetBlock2D(
            in_channels=16, out_channels=channels, groups=4, temb_channels=None if embedding is None else 32
        )
        whole = nn.ModuleList([block.eval()])
        picture = 3 * torch.randn(1, 16, 24, 40) + 1
        wanted = block(picture, embedding)
        names = list(whole.state_dict())
        lay_out(whole)
        assert isinstance(whole[0], Resnet)
        assert sorted(whole.state_dict()) == sorted(names)
        torch.testing.assert_close(whole[0](picture, temb=embedding), wanted, atol=1e-4, rtol=1e-5)


def test_what_stays_wide_costs_little_and_leaves_little_noise() -> None:
    """1 and 3 bring too much noise; 3 is dear, and without 1 and 2 the others keep to the budget."""
    layers = [
        LayerSensitivity("unet", name, sqnr, work)
        for name, sqnr, work in (("1", 30.0, 0.1), ("2", 47.0, 0.1), ("3", 46.0, 0.7), ("4", 60.0, 0.1))
    ]
    assert within_budget(layers, 45.0) == ["1", "2"]
    assert within_budget(layers, 20.0) == []
    assert set(within_budget(layers, 90.0)) == {"1", "2", "3", "4"}


@pytest.mark.filterwarnings(
    "ignore"
)  # torch's older ONNX exporter, which exports are written with, warns of its age
def test_files_are_compacted_and_compute_the_same(tmp_path: Path) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    onnx = pytest.importorskip("onnx")
    torch.manual_seed(0)
    port = Port(name="picture", shape=(1, 8, "height", "width"))
    body = (
        nn.Sequential(nn.Conv2d(8, 16, 3, padding=1), nn.SiLU(), nn.Conv2d(16, 8, 3, padding=1))
        .half()
        .float()
    )
    example = Graph("toy", body, (port,), (port,)).example(16, 16)
    file = tmp_path / "model.onnx"
    torch.onnx.export(body, example, str(file), opset_version=21, dynamo=False, input_names=["picture"])
    model = onnx.load(file)
    before = model.ByteSize()
    compact(model, halve=True)
    onnx.checker.check_model(model)
    assert model.ByteSize() < 0.6 * before
    answers = [
        onnxruntime.InferenceSession(each).run(None, {"picture": example[0].numpy()})[0]
        for each in (file.read_bytes(), model.SerializeToString())
    ]
    np.testing.assert_array_equal(*answers)


@pytest.mark.parametrize("wide", [[], ["0", "2"]])
def test_a_16_bit_file_answers_as_the_simulator(tmp_path: Path, wide: list[str]) -> None:
    """With the runtime's optimizations on. Layers kept wide are nearer to float."""
    pytest.importorskip("aimet_torch")
    torch.manual_seed(0)
    port = Port(name="picture", shape=(1, 8, "height", "width"))
    body = nn.Sequential(nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 8, 3, padding=1))
    with torch.no_grad():
        body[0].weight[:, 0, 0, 0] = 9.0
        body[0].bias[0] = 40.0  # in 32 bits, of steps as small as 16-bit weights have, it would overflow
    graph, target = Graph("toy", body, (port,), (port,)), TARGETS["htp-w8a16"]
    calls = [graph.example(16, 16, seed) for seed in range(2)]
    sim = simulate(graph, target, calls)
    keep_wide(graph, sim, target, wide)
    part = write_part(tmp_path, graph, sim, (16, 16), fixed=True, encodings=False)
    session = open_engine("onnxruntime").load(tmp_path / part.model, [(1, 8, 16, 16)])
    told = session.run([calls[0][0].numpy()])[0]
    with torch.no_grad():
        simulated, truth = sim.model(*calls[0]).numpy(), body(*calls[0]).numpy()
    assert sqnr(told, simulated) > 60
    assert (sqnr(told, truth) > 55) == bool(wide)


def test_learnt_rounding_answers_nearer_than_the_nearest() -> None:
    """On inputs whose channels hang together, as a network's do; a layer kept wide has its own weights."""
    pytest.importorskip("aimet_torch")
    torch.manual_seed(0)
    port = Port(name="picture", shape=(1, 8, "height", "width"))
    graph = Graph("toy", nn.Sequential(nn.Conv2d(8, 8, 3, padding=1)), (port,), (port,))
    mix = torch.randn(8, 8)
    calls = [(torch.einsum("oc,nchw->nohw", mix, graph.example(16, 16, seed)[0]),) for seed in range(3)]
    target = TARGETS["w8"]
    rounded = learn_rounding(graph.module, calls[:2], 8, config_of(target), 700)
    nearest, learnt = (simulate(graph, target, calls[:2], each) for each in (None, rounded))
    with torch.no_grad():
        wanted = graph.module(*calls[2])
        errors = [float((sim.model(*calls[2]) - wanted).square().mean()) for sim in (nearest, learnt)]
        assert errors[1] < 0.7 * errors[0]
        keep_wide(graph, learnt, target, ["0"])
        torch.testing.assert_close(learnt.model(*calls[2]), wanted)


@pytest.mark.parametrize("target", ["w8", "cpu-int8", "htp-w8a16"])
def test_a_touch_up_brings_a_quantized_network_nearer_to_float(tmp_path: Path, target: str) -> None:
    """On calls that it did not learn from; what was learnt is what the file computes."""
    pytest.importorskip("aimet_torch")
    torch.manual_seed(0)
    port = Port(name="picture", shape=(1, 8, "height", "width"))
    body = nn.Sequential(nn.Conv2d(8, 16, 3, padding=1), nn.SiLU(), nn.Conv2d(16, 8, 3, padding=1))
    graph = Graph("toy", body, (port,), (port,))
    before = {name: each.clone() for name, each in body.state_dict().items()}
    calls = [graph.example(24, 24, seed) for seed in range(10)]
    sim = simulate(graph, TARGETS[target], calls)
    touched = touch_up(sim.model, body, lambda: iter(calls), 300)
    assert touched.is_kept
    assert touched.after > touched.before + 0.5
    for name, each in body.state_dict().items():
        torch.testing.assert_close(each, before[name], rtol=0, atol=0)  # the teacher is left alone
    unseen = graph.example(24, 24, 99)
    part = write_part(tmp_path, graph, sim, (24, 24), fixed=True, encodings=False)
    session = open_engine("onnxruntime").load(tmp_path / part.model, [(1, 8, 24, 24)])
    with torch.no_grad():
        truth = body(*unseen).numpy()
    assert sqnr(session.run([unseen[0].numpy()])[0], truth) > touched.before + 0.4


def test_a_touch_up_that_does_not_help_is_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("aimet_torch")
    monkeypatch.setattr("training.edge.touch_up.RATE", 1.0)
    port = Port(name="picture", shape=(1, 8, "height", "width"))
    graph = Graph("toy", nn.Sequential(nn.Conv2d(8, 8, 3, padding=1)), (port,), (port,))
    calls = [graph.example(16, 16, seed) for seed in range(5)]
    sim = simulate(graph, TARGETS["w8"], calls)
    kept = {name: each.detach().clone() for name, each in sim.model.named_parameters()}
    assert not touch_up(sim.model, graph.module, lambda: iter(calls), 3).is_kept
    for name, each in sim.model.named_parameters():
        torch.testing.assert_close(each.detach(), kept[name], rtol=0, atol=0)
    with pytest.raises(ValueError, match="at least two"):
        touch_up(sim.model, graph.module, lambda: iter(calls[:1]), 3)


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
    assert "never compared" in str(fault_of(manifest_with(None)))


def test_signal_to_noise() -> None:
    truth = np.ones(100, np.float32)
    assert sqnr(truth * 1.1, truth) == pytest.approx(20, abs=0.01)
    assert sqnr(truth, truth) == 150


@pytest.mark.parametrize("target", ["cpu-int8", "w8"])
def test_the_worst_layer_is_found(target: str) -> None:
    """A layer whose weights span far is the one that eight bits hurt."""
    pytest.importorskip("aimet_torch")
    torch.manual_seed(0)
    body = nn.Sequential(*(nn.Conv2d(8, 8, 3, padding=1) for _ in range(3)))
    with torch.no_grad():
        body[1].weight[:, 0, 0, 0] = 20.0
    port = Port(name="picture", shape=(1, 8, "height", "width"))
    graph = Graph("toy", body, (port,), (port,))
    calls = [graph.example(16, 16, seed) for seed in range(2)]
    sim = simulate(graph, TARGETS[target], calls)
    layers = sensitivity(graph, sim, [(call, lambda answer: answer) for call in calls])
    assert layers[0].name == "1"
    assert [layer.work for layer in layers] == pytest.approx([1 / 3] * 3)


def test_a_part_is_made_once_for_the_same_request(
    configs: dict[str, ResolvedConfig], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A build that was stopped goes on with the parts that are missing; another request makes them anew."""
    made: list[str] = []
    port = Port(name="picture", shape=(1, 8, "height", "width"))
    graph = Graph("toy", nn.Identity(), (port,), (port,))
    written = ExportPart(
        model="toy/model.onnx",
        files={"toy/model.onnx": hashlib.sha256(b"a network").hexdigest()},
        inputs=(port,),
        outputs=(port,),
        parameters=0,
        float_bytes=0,
        gflop=0.5,
    )
    result = BuiltPart(written, Fidelity(60.0, 40.0, 39.9), ("conv",))
    network = tmp_path / "toy" / "model.onnx"

    def make(request: BuildRequest, *_: object) -> BuiltPart:
        made.append(request.target)
        network.parent.mkdir(exist_ok=True)
        network.write_bytes(b"a network")
        return result

    monkeypatch.setattr("stylize.edge.quantize.part._make_part", make)
    reference: Any = SimpleNamespace(recording_digest="calls")
    request = request_of(configs["mini"], "w8", tmp_path, None)
    for asked in (request, request, replace(request, adaround=100)):
        assert build_part(asked, reference, graph, silent) == result
    assert len(made) == 2
    (note,) = (request.out / NOTES).iterdir()
    whole = note.read_bytes()
    for file, spoilt in (
        (note, whole[:50]), (note, whole.replace(b"39.9", b"38.9")), (note, b"\xff" + whole),
        (network, b"a netw0rk"),
    ):  # fmt: skip
        file.write_bytes(spoilt)
        made.clear()
        assert build_part(asked, reference, graph, silent) == result
        assert made == ["w8"]


def test_a_recording_is_read_back_only_as_it_was_written(tmp_path: Path) -> None:
    call = UNetCall(0, 0.5, 0.25, torch.ones(1, 4, 2, 2), torch.tensor([7]), torch.ones(1, 3, 5))
    recording = Recording((torch.ones(3),), {"lines": (torch.zeros(2),)}, (call,), (torch.ones(3),), ())
    file = tmp_path / "calls.safetensors"
    save_recording(recording, file)
    read = load_recording(file)
    assert read is not None
    assert torch.equal(read.unet_calls[0].latents, call.latents)
    whole = file.read_bytes()
    for spoilt in (whole[:-9], whole[:20], whole[:-2] + b"\x01\x00", whole.replace(b"0.25", b"0.26"), b""):
        file.write_bytes(spoilt)
        assert load_recording(file) is None
