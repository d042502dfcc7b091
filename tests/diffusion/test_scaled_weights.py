"""Eight-bit weights with scales of their own are multiplied by these; what is packed otherwise is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from stylize.diffusion.checkpoint import load_checkpoint
from stylize.diffusion.checkpoint_info import inspect_weights
from stylize.diffusion.families import PIPELINES
from stylize.diffusion.single_file.header import read_header
from stylize.diffusion.single_file.scaled import check_scales, unscaled
from stylize.diffusion.transformer_files.load import load_transformer_file
from stylize.errors import ModelError
from tests.families import make_parts, write_single_file

pytestmark = pytest.mark.usefixtures("no_network")
LARGEST = 448.0  # of float8_e4m3


def scaled(
    weights: dict[str, Tensor], ending: str, rows: bool = False
) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Every matrix in eight bits with a scale, and what all weights of the file then mean."""
    found, meant = dict(weights), dict(weights)
    for name, value in weights.items():
        if value.dim() != 2 or not name.endswith(".weight"):
            continue
        most = value.float().abs().amax(dim=1) if rows else value.float().abs().max()
        scale = (most.clamp(min=1e-4) / LARGEST).reshape(-1, *[1] * rows)
        found[name] = (value / scale).to(torch.float8_e4m3fn)
        found[name.removesuffix("weight") + ending] = scale if rows else scale.reshape(())
        found[name.removesuffix("weight") + ending.replace("weight", "input")] = torch.ones(())
        meant[name] = found[name].float() * scale
    return found, meant


@pytest.mark.parametrize(("ending", "rows"), [("scale_weight", False), ("weight_scale", True)])
def test_a_transformer_is_what_its_scales_say(
    ending: str, rows: bool, pipelines: Callable[[str], Path], tmp_path: Path
) -> None:
    folder, file = pipelines("wan"), tmp_path / "scaled.safetensors"
    own = load_file(folder / "transformer" / "diffusion_pytorch_model.safetensors")
    packed, meant = scaled(own, ending, rows)
    packed |= {"scaled_fp8": torch.zeros(0, dtype=torch.float8_e4m3fn)}
    packed |= {"blocks.0.attn1.to_q.comfy_quant": torch.zeros(3, dtype=torch.uint8)}
    save_file({f"model.diffusion_model.{name}": value.contiguous() for name, value in packed.items()}, file)
    network = load_transformer_file(file, "WanTransformer3DModel", PIPELINES["wan"], folder, torch.float32)
    found = network.state_dict()
    assert all(torch.equal(found[name], value.float()) for name, value in meant.items())
    assert any(not torch.equal(found[name], value) for name, value in own.items())


@pytest.mark.parametrize("ending", ["scale_weight", "weight_scale"])
def test_a_whole_checkpoint_is_what_its_scales_say(ending: str, tmp_path: Path) -> None:
    file = write_single_file(make_parts("sd1"), "sd1", tmp_path / "plain.safetensors")
    packed, meant = scaled(load_file(file), ending)
    save_file({name: value.contiguous() for name, value in packed.items()}, tmp_path / "scaled.safetensors")
    save_file({name: value.contiguous() for name, value in meant.items()}, file)
    one, other = (
        load_checkpoint(str(tmp_path / name), torch.device("cpu"), torch.float32, offline=True)
        for name in ("scaled.safetensors", "plain.safetensors")
    )
    for part, network in one.networks.items():
        theirs = other.networks[part].state_dict()
        assert all(torch.equal(value, theirs[name]) for name, value in network.state_dict().items())


def test_products_are_rounded_once() -> None:
    weight = torch.tensor([[1.0, 2.0]]).to(torch.float8_e4m3fn)
    found = unscaled({"a.weight": weight, "a.scale_weight": torch.tensor(0.3)}, torch.bfloat16)
    assert torch.equal(found["a.weight"], (weight.float() * 0.3).bfloat16())
    assert list(found) == ["a.weight"]


PLAIN = torch.zeros(4, 4)
EIGHT = PLAIN.to(torch.float8_e4m3fn)
REFUSED: list[tuple[str, dict[str, Tensor]]] = [
    ("a scale of plain weights", {"a.weight": PLAIN, "a.weight_scale": torch.ones(())}),
    ("a scale of nothing", {"a.weight_scale": torch.ones(())}),
    ("scales of blocks", {"a.weight": EIGHT, "a.weight_scale": torch.ones(2, 2)}),
    ("scales of columns", {"a.weight": EIGHT, "a.weight_scale": torch.ones(1, 4)}),
    ("eight-bit scales", {"a.weight": EIGHT, "a.weight_scale": torch.ones(4, 1).to(torch.uint8)}),
    ("whole numbers", {"a.weight": PLAIN.to(torch.int8), "a.weight_scale": torch.ones(())}),
    ("two scales", {"a.weight": EIGHT, "a.weight_scale_2": torch.ones(())}),
    ("four bits", {"a.weight": PLAIN.to(torch.uint8), "a.weight.absmax": torch.ones(4)}),
]


@pytest.mark.parametrize(("kind", "weights"), REFUSED, ids=[kind for kind, _ in REFUSED])
def test_what_is_packed_otherwise_is_refused(kind: str, weights: dict[str, Tensor], tmp_path: Path) -> None:
    file = tmp_path / "packed.safetensors"
    save_file(weights, file)
    with pytest.raises(ModelError, match="packed in a way that is not read here"):
        check_scales(read_header(file), file)
    with pytest.raises(ModelError, match="packed in a way that is not read here"):
        inspect_weights(str(file))
