"""python -m benchmarks.families: full-size single files of SD 1.5 and SDXL, loaded offline; one small frame.

The shapes are those of the published checkpoints, down to the last layer, in fp16 and under the names of the first
code; the weights are random. So time and memory are those of any checkpoint of the family, and the picture is
noise: it is not kept. Where there is a GPU, it draws there, and a frame of the family's own size as well, in four
steps, beside the memory that was predicted. The whole takes a few minutes on a processor.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

SIDE_PX = 64
CLIP_L = {"hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 12, "num_attention_heads": 12}
CLIP_G = {"hidden_size": 1280, "intermediate_size": 5120, "num_hidden_layers": 32, "num_attention_heads": 20}
XL_UNET: dict[str, Any] = {
    "block_out_channels": (320, 640, 1280), "cross_attention_dim": 2048, "attention_head_dim": (5, 10, 20),
    "use_linear_projection": True, "transformer_layers_per_block": (1, 2, 10),
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
    "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
    "addition_embed_type": "text_time", "addition_time_embed_dim": 256,
    "projection_class_embeddings_input_dim": 2816,
}  # fmt: skip


def write_checkpoint(family: str, file: str) -> None:
    """Writes a single file of a family's full shape."""
    import torch
    from diffusers import AutoencoderKL, UNet2DConditionModel
    from safetensors.torch import save_file
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

    from tests.families import open_clip_in_ldm, text_in_ldm, unet_in_ldm, vae_in_ldm

    xl = family == "sdxl"
    with torch.device("meta"):
        unet = UNet2DConditionModel(**(XL_UNET if xl else {"cross_attention_dim": 768}))
        vae = AutoencoderKL(
            block_out_channels=(128, 256, 512, 512), layers_per_block=2, latent_channels=4,
            down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4,
        )  # fmt: skip
        weights = {f"model.diffusion_model.{name}": value for name, value in unet_in_ldm(unet).items()}
        weights |= {f"first_stage_model.{name}": value for name, value in vae_in_ldm(vae).items()}
        first = CLIPTextModel(CLIPTextConfig(**CLIP_L))
        prefix = "conditioner.embedders.0.transformer." if xl else "cond_stage_model.transformer."
        weights |= text_in_ldm(first, prefix)
        if xl:
            second = CLIPTextModelWithProjection(
                CLIPTextConfig(**CLIP_G, projection_dim=1280, hidden_act="gelu")
            )
            weights |= open_clip_in_ldm(second, "conditioner.embedders.1.model.")
    block = torch.randn(1 << 22, generator=torch.Generator().manual_seed(0)).half() * 0.02
    filled = {
        name: block.repeat(-(-value.numel() // len(block)))[: value.numel()].reshape(value.shape).clone()
        for name, value in weights.items()
    }
    save_file(filled, file)


def draw_once(file: str, precision: str, device: str) -> dict[str, float]:
    """Loads a file and draws a frame; seconds, and GiB of this process at the peak."""
    import numpy as np
    import torch

    from stylize.config.read_settings import read_settings
    from stylize.diffusion.generator import DiffusionGenerator
    from stylize.footage.clip import Shot
    from stylize.generators.resolve import resolve_config

    settings = read_settings(
        model=file, controls=(), steps=1, strength=1.0, guidance=1.0, size=SIDE_PX, device=device,
        precision=precision, offline=True,
    )  # fmt: skip
    config = resolve_config(settings)
    began = time.perf_counter()
    generator = DiffusionGenerator.load(config)
    loaded = time.perf_counter()
    generator.draw([np.zeros((SIDE_PX, SIDE_PX, 3), np.float32)], [0], Shot(0, 1))
    row = {
        "load_s": round(loaded - began, 2),
        "frame_s": round(time.perf_counter() - loaded, 2),
        "peak_gib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2),
    }
    if config.device.startswith("cuda"):
        row["gpu_gib"] = round(torch.cuda.max_memory_allocated() / 2**30, 2)
        row |= draw_own_size(generator, file)
    return row


def draw_own_size(generator: Any, file: str) -> dict[str, float]:
    """A frame of the family's own size on the GPU, the second of two: seconds, GiB at the peak and as predicted."""
    import numpy as np
    import torch

    from stylize.footage.clip import Shot
    from stylize.generators.inspect import inspect_checkpoint
    from stylize.generators.memory_fit import UnetWork, ways

    info = inspect_checkpoint(file)
    side, precision = info.short_side, generator.config.precision
    drawing = generator.with_config(generator.config.model_copy(update={"steps": 4, "size": side}))
    torch.cuda.reset_peak_memory_stats()
    for number in range(2):
        began = time.perf_counter()
        drawing.draw([np.zeros((side, side, 3), np.float32)], [number], Shot(0, 2))
    work = UnetWork(side, side * side, guided=False, controls=0, batch=1, may_shrink=False)
    predicted = ways(info, precision, work) or []
    return {
        "own_side_px": side,
        "own_frame_s": round(time.perf_counter() - began, 2),
        "own_gpu_gib": round(torch.cuda.max_memory_allocated() / 2**30, 2),
        "own_predicted_gib": round(predicted[0].bytes / 2**30, 2) if predicted else 0.0,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--families", nargs="+", default=["sd1", "sdxl"], choices=["sd1", "sdxl"])
    parser.add_argument("--precision", default="bf16", choices=["fp32", "bf16", "fp16"])
    parser.add_argument("--device", default="auto")
    parser.add_argument(
        "--folder", type=Path, default=None, help="where the files are written, and removed again"
    )
    arguments = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        for family in arguments.families:
            file = f"{folder}/{family}.safetensors"
            rows: list[Any] = []
            for work, given in ((write_checkpoint, (family, file)),
                                (draw_once, (file, arguments.precision, arguments.device))):  # fmt: skip
                with ProcessPoolExecutor(
                    1, mp_context=context
                ) as pool:  # a process each: the peak is its own
                    rows.append(pool.submit(work, *given).result())
            size = round(Path(file).stat().st_size / 2**30, 2)
            print(
                json.dumps({"family": family, "file_gib": size, "precision": arguments.precision, **rows[1]})
            )
            Path(file).unlink()


if __name__ == "__main__":
    main()
