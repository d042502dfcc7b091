"""Transformers in one file: the first code's names, programs' prefixes, GGUF, and what does not fit."""

from __future__ import annotations

import re
import shutil
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from stylize.config.read_settings import read_settings
from stylize.config.resolved import ResolvedConfig
from stylize.config.style import Lora
from stylize.diffusion.transformer_files.gguf import read_gguf_header
from stylize.errors import StylizeError
from stylize.footage.clip import Shot
from stylize.generators.load import load_generator
from stylize.generators.resolve import resolve_config
from stylize.passes.style import drawing_settings

pytestmark = pytest.mark.usefixtures("no_network")
PLATE = np.random.default_rng(5).random((64, 80, 3), np.float32)
FAMILIES = ("flux", "flux2-klein", "qwen-image", "z-image", "wan-vace", "wan")
FLUX = {
    "time_text_embed.timestep_embedder.linear_1": "time_in.in_layer",
    "time_text_embed.timestep_embedder.linear_2": "time_in.out_layer",
    "time_text_embed.text_embedder.linear_1": "vector_in.in_layer",
    "time_text_embed.text_embedder.linear_2": "vector_in.out_layer",
    "time_text_embed.guidance_embedder.linear_1": "guidance_in.in_layer",
    "time_text_embed.guidance_embedder.linear_2": "guidance_in.out_layer",
    "context_embedder": "txt_in", "x_embedder": "img_in", "proj_out": "final_layer.linear",
    "norm_out.linear": "final_layer.adaLN_modulation.1",
}  # fmt: skip
FLUX_BLOCK = {
    "norm1.linear": "img_mod.lin", "norm1_context.linear": "txt_mod.lin", "attn.to_out.0": "img_attn.proj",
    "attn.to_add_out": "txt_attn.proj", "ff.net.0.proj": "img_mlp.0", "ff.net.2": "img_mlp.2",
    "ff_context.net.0.proj": "txt_mlp.0", "ff_context.net.2": "txt_mlp.2",
    "attn.norm_q": "img_attn.norm.query_norm", "attn.norm_k": "img_attn.norm.key_norm",
    "attn.norm_added_q": "txt_attn.norm.query_norm", "attn.norm_added_k": "txt_attn.norm.key_norm",
}  # fmt: skip
KLEIN = {
    "x_embedder": "img_in", "context_embedder": "txt_in", "proj_out": "final_layer.linear",
    "time_guidance_embed.timestep_embedder.linear_1": "time_in.in_layer",
    "time_guidance_embed.timestep_embedder.linear_2": "time_in.out_layer",
    "norm_out.linear": "final_layer.adaLN_modulation.1",
    "double_stream_modulation_img.linear": "double_stream_modulation_img.lin",
    "double_stream_modulation_txt.linear": "double_stream_modulation_txt.lin",
    "single_stream_modulation.linear": "single_stream_modulation.lin",
}  # fmt: skip
KLEIN_BLOCK = {
    "attn.to_out.0": "img_attn.proj", "attn.to_add_out": "txt_attn.proj", "ff.linear_in": "img_mlp.0",
    "ff.linear_out": "img_mlp.2", "ff_context.linear_in": "txt_mlp.0", "ff_context.linear_out": "txt_mlp.2",
    "attn.norm_q": "img_attn.norm.query_norm", "attn.norm_k": "img_attn.norm.key_norm",
    "attn.norm_added_q": "txt_attn.norm.query_norm", "attn.norm_added_k": "txt_attn.norm.key_norm",
}  # fmt: skip
WAN = {
    "condition_embedder.time_embedder.linear_1": "time_embedding.0",
    "condition_embedder.time_proj": "time_projection.1",
    "condition_embedder.time_embedder.linear_2": "time_embedding.2", "attn1": "self_attn", "attn2": "cross_attn",
    "condition_embedder.text_embedder.linear_1": "text_embedding.0", "to_out.0": "o", "to_q": "q", "to_k": "k",
    "condition_embedder.text_embedder.linear_2": "text_embedding.2", "to_v": "v", "ffn.net.0.proj": "ffn.0",
    "ffn.net.2": "ffn.2",
}  # fmt: skip


def in_first_code(family: str, own: dict[str, Tensor]) -> dict[str, Tensor]:
    """A transformer's weights by the names of the family's first code."""
    if family == "qwen-image":
        return dict(own)
    return {"flux": flux, "flux2-klein": klein, "z-image": z_image, "wan-vace": wan, "wan": wan}[family](
        dict(own)
    )


def joined(own: dict[str, Tensor], place: str, names: tuple[str, ...], kind: str) -> Tensor:
    return torch.cat([own.pop(f"{place}.{name}.{kind}") for name in names])


def flux(own: dict[str, Tensor]) -> dict[str, Tensor]:
    found: dict[str, Tensor] = {}
    for kind in ("weight", "bias"):
        for place, stem in (("transformer_blocks.0", "double_blocks.0"),):
            three = joined(own, place, ("attn.to_q", "attn.to_k", "attn.to_v"), kind)
            found[f"{stem}.img_attn.qkv.{kind}"] = three
            added = ("attn.add_q_proj", "attn.add_k_proj", "attn.add_v_proj")
            found[f"{stem}.txt_attn.qkv.{kind}"] = joined(own, place, added, kind)
        four = ("attn.to_q", "attn.to_k", "attn.to_v", "proj_mlp")
        found[f"single_blocks.0.linear1.{kind}"] = joined(own, "single_transformer_blocks.0", four, kind)
    singles = {
        "norm.linear": "modulation.lin", "proj_out": "linear2", "attn.norm_q": "norm.query_norm",
        "attn.norm_k": "norm.key_norm",
    }  # fmt: skip
    return found | renamed(own, FLUX, FLUX_BLOCK, singles)


def klein(own: dict[str, Tensor]) -> dict[str, Tensor]:
    found = {}
    for names, place in (
        (("attn.to_q", "attn.to_k", "attn.to_v"), "img_attn"),
        (("attn.add_q_proj", "attn.add_k_proj", "attn.add_v_proj"), "txt_attn"),
    ):
        found[f"double_blocks.0.{place}.qkv.weight"] = joined(own, "transformer_blocks.0", names, "weight")
    singles = {
        "attn.to_qkv_mlp_proj": "linear1", "attn.to_out": "linear2", "attn.norm_q": "norm.query_norm",
        "attn.norm_k": "norm.key_norm",
    }  # fmt: skip
    return found | renamed(own, KLEIN, KLEIN_BLOCK, singles)


def renamed(
    own: dict[str, Tensor], ends: dict[str, str], double: dict[str, str], single: dict[str, str]
) -> dict[str, Tensor]:
    found = {}
    for name, value in own.items():
        module, _, kind = name.rpartition(".")
        block = re.fullmatch(r"(single_)?transformer_blocks\.(\d+)\.(.+)", module)
        new = ends.get(module)
        if block is not None:
            names = single if block[1] else double
            new = f"{'single' if block[1] else 'double'}_blocks.{block[2]}.{names[block[3]]}"
        if new == "final_layer.adaLN_modulation.1":
            scale, shift = value.chunk(2)
            value = torch.cat([shift, scale])
        assert new is not None, name
        found[f"{new}.{'scale' if new.endswith('_norm') else kind}"] = value
    return found


def z_image(own: dict[str, Tensor]) -> dict[str, Tensor]:
    found: dict[str, Tensor] = {}
    for name in list(own):
        if name.endswith("attention.to_q.weight"):
            place = name.removesuffix(".to_q.weight")
            found[f"{place}.qkv.weight"] = joined(own, place, ("to_q", "to_k", "to_v"), "weight")
    names = {"all_final_layer.2-1.": "final_layer.", "all_x_embedder.2-1.": "x_embedder.", "to_out.0": "out",
             "norm_q": "q_norm", "norm_k": "k_norm"}  # fmt: skip
    for name, value in own.items():
        for theirs, ours in names.items():
            name = name.replace(theirs, ours)
        found[name] = value
    return found


def wan(own: dict[str, Tensor]) -> dict[str, Tensor]:
    found = {}
    for name, value in own.items():
        if name == "scale_shift_table":
            name = "head.modulation"
        elif name.startswith("proj_out."):
            name = name.replace("proj_out", "head.head")
        elif ".proj_out." in name:
            name = name.replace("proj_out", "after_proj")
        name = name.replace("proj_in", "before_proj").replace("scale_shift_table", "modulation")
        name = name.replace("norm2", "norm_3").replace("norm3", "norm2").replace("norm_3", "norm3")
        for theirs, ours in WAN.items():
            name = re.sub(rf"(?<![^.]){re.escape(theirs)}(?=\.)", ours, name)
        found[name] = value
    return found


def config_of(folder: Path, **changes: Any) -> ResolvedConfig:
    usual = {"model": str(folder), "steps": 1, "guidance": 1.0, "device": "cpu", "precision": "fp32"}
    return resolve_config(read_settings(offline=True, prompt="anime", **(usual | changes)))


def without_weights(folder: Path, to: Path) -> Path:
    """A copy of a folder whose transformer is its configuration alone."""
    shutil.copytree(folder, to)
    for file in (to / "transformer").glob("*.safetensors"):
        file.unlink()
    return to


def written(weights: dict[str, Tensor], file: Path) -> Path:
    save_file({name: value.clone().contiguous() for name, value in weights.items()}, file)
    return file


def of_folder(folder: Path) -> dict[str, Tensor]:
    return load_file(folder / "transformer" / "diffusion_pytorch_model.safetensors")


@pytest.mark.parametrize("family", FAMILIES)
def test_a_file_draws_what_the_folder_draws(
    family: str, pipelines: Callable[[str], Path], tmp_path: Path
) -> None:
    folder = pipelines(family)
    plain = load_generator(config_of(folder)).draw([PLATE], [4], Shot(2, 12))[0]
    rest = without_weights(folder, tmp_path / "rest")
    own = of_folder(folder)
    first = in_first_code(family, own)
    assert family == "qwen-image" or set(first) != set(own)
    for prefix, weights in (("", own), ("", first), ("model.diffusion_model.", first)):
        whole = {f"{prefix}{name}": value for name, value in weights.items()}
        if prefix:
            whole["vae.decoder.conv_in.weight"] = torch.ones(2, 2)  # files of whole models
        file = written(whole, tmp_path / "file.safetensors")
        drawn = load_generator(config_of(rest, transformer=file)).draw([PLATE], [4], Shot(2, 12))[0]
        assert np.abs(drawn - plain).max() <= 1e-5  # the last bits hang on where weights lie in memory


def write_gguf(weights: dict[str, Tensor], file: Path, packed: Any) -> Path:
    """Matrices packed where their rows are long enough, all else in F32."""
    import gguf

    writer = gguf.GGUFWriter(file, "flux")
    writer.add_array("a.list", ["some", "words"])
    for name, value in weights.items():
        array = np.ascontiguousarray(value.float().numpy())
        if value.dim() == 2 and value.shape[1] % 32 == 0:
            writer.add_tensor(name, gguf.quants.quantize(array, packed), raw_dtype=packed)
        else:
            writer.add_tensor(name, array)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return file


@pytest.mark.parametrize("kind", ["Q8_0", "Q4_0", "BF16"])
def test_packed_weights_draw_what_they_say(
    kind: str, pipelines: Callable[[str], Path], tmp_path: Path
) -> None:
    import gguf

    folder = pipelines("flux")
    packed = getattr(gguf.GGMLQuantizationType, kind)
    first = in_first_code("flux", of_folder(folder))
    file = write_gguf(first, tmp_path / "flux.gguf", packed)
    assert read_gguf_header(file).shapes == {name: tuple(value.shape) for name, value in first.items()}
    config = config_of(without_weights(folder, tmp_path / "rest"), transformer=file)
    generator: Any = load_generator(config)
    kept = generator.pipe.transformer.transformer_blocks[0].attn.to_q.weight
    assert kept.dtype != torch.float32
    drawn = generator.draw([PLATE], [4], Shot(2, 12))[0]
    unpacked = {
        name: torch.from_numpy(
            gguf.quants.dequantize(gguf.quants.quantize(value.numpy(), packed), packed)
        )
        if value.dim() == 2 and value.shape[1] % 32 == 0
        else value
        for name, value in first.items()
    }  # fmt: skip
    plain = written(unpacked, tmp_path / "plain.safetensors")
    wanted = load_generator(config_of(tmp_path / "rest", transformer=plain)).draw([PLATE], [4], Shot(2, 12))[
        0
    ]
    assert np.abs(drawn - wanted).max() <= (1e-5 if kind == "BF16" else 1e-3)  # scales are unpacked in fp16
    with pytest.raises(StylizeError, match="LoRAs are added into weights"):
        config_of(tmp_path / "rest", transformer=file, loras=(Lora(file="some.safetensors"),))


def test_the_file_is_in_the_fingerprint_by_its_contents(
    pipelines: Callable[[str], Path], tmp_path: Path
) -> None:
    folder, own = pipelines("flux"), of_folder(pipelines("flux"))
    file = written(own, tmp_path / "a.safetensors")
    first = drawing_settings(config_of(folder, transformer=file))
    assert (
        drawing_settings(config_of(folder, transformer=shutil.copy(file, tmp_path / "b.safetensors")))
        == first
    )
    own["x_embedder.bias"] += 1
    written(own, file)
    assert drawing_settings(config_of(folder, transformer=file)) != first


def broken_gguf(number: int, tensors: int = 1, facts: int = 0, rest: bytes = b"") -> bytes:
    return b"GGUF" + struct.pack("<IQQ", number, tensors, facts) + rest


NAMED = struct.pack("<Q", 1) + b"a"
LATE = NAMED + struct.pack("<IQIQ", 1, 32, 0, 1 << 40)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "does not begin as one"),
        (broken_gguf(9), "version 9"),
        (broken_gguf(3, tensors=1 << 60), "announces"),
        (broken_gguf(3, facts=1 << 60), "announces"),
        (broken_gguf(3, 0, 1, NAMED + struct.pack("<IIQ", 9, 4, 1 << 50)), "announces"),
        (broken_gguf(3, 0, 1, NAMED + struct.pack("<IIQ", 9, 9, 1)), "nests lists"),
        (broken_gguf(3, rest=struct.pack("<Q", 1 << 40)), "announces"),
        (broken_gguf(3, rest=NAMED + struct.pack("<IQQQQQ", 5, 1, 1, 1, 1, 1)), "dimensions"),
        (broken_gguf(3, rest=LATE), "cut off"),
        (broken_gguf(3, rest=NAMED + struct.pack("<IQIQ", 1, 32, 19, 0)), "kind 19"),
    ],
)
def test_a_damaged_gguf_file_is_refused_before_it_is_opened(data: bytes, told: str, tmp_path: Path) -> None:
    (tmp_path / "bad.gguf").write_bytes(data)
    with pytest.raises(StylizeError, match=told):
        read_gguf_header(tmp_path / "bad.gguf")


@pytest.mark.parametrize(
    ("family", "change", "told"),
    [
        ("flux", lambda own: {"lora_unet_x.lora_up.weight": torch.ones(2)}, "no transformer of Flux.1"),
        (
            "z-image",
            lambda own: {"double_blocks.0.img_mod.lin.weight": torch.ones(2)},
            "no transformer of Z-Image",
        ),
        ("flux", lambda own: {**own, "x_embedder.bias": torch.ones(3)}, r"has the shape \(3,\)"),
        ("flux", lambda own: {name: own[name] for name in list(own)[1:]}, "is missing"),
        ("flux", lambda own: {**own, "more.weight": torch.ones(3)}, "which has no more.weight"),
        ("flux", lambda own: {**own, "x_embedder.scale_weight": torch.ones(1)}, "not read here"),
        ("flux", lambda own: {**own, "x_embedder.weight": torch.ones(3, dtype=torch.uint8)}, "not read here"),
    ],
)
def test_what_does_not_fit_is_said(
    family: str, change: Any, told: str, pipelines: Callable[[str], Path], tmp_path: Path
) -> None:
    folder = pipelines(family)
    file = written(change(of_folder(folder)), tmp_path / "file.safetensors")
    with pytest.raises(StylizeError, match=told):
        load_generator(config_of(folder, transformer=file))


def test_a_transformer_alone_is_no_model(
    pipelines: Callable[[str], Path], narrow: Path, tmp_path: Path
) -> None:
    for family in FAMILIES:
        own = of_folder(pipelines(family))
        for weights in (own, in_first_code(family, own)):
            with pytest.raises(StylizeError, match="is the transformer of") as caught:
                config_of(written(weights, tmp_path / "file.safetensors"))
            assert "--transformer" in str(caught.value.hint)
    (tmp_path / "file.gguf").write_bytes(b"GGUF")
    with pytest.raises(StylizeError, match="packed transformer"):
        config_of(tmp_path / "file.gguf")
    with pytest.raises(StylizeError, match="models that have one"):
        config_of(narrow, transformer=tmp_path / "file.safetensors")
