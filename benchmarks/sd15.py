"""python -m benchmarks.sd15: what Stable Diffusion 1.5 with a ControlNet costs on this machine.

The architecture is the real one, down to the last layer; the weights are random. So times, memory and sizes
are those of any SD 1.5 checkpoint, and the picture is noise: it is not kept.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LABEL = "random weights: timings only, no picture"
SIDE_PX = 512
GIB = 2**30


@dataclass
class Timings:
    """Seconds of every call, by the part that was called."""

    calls: dict[str, list[float]] = field(default_factory=dict)

    def watch(self, owner: Any, method: str, part: str) -> None:
        """Times every call of `owner.method` from now on, under the name of `part`."""
        inner: Callable[..., Any] = getattr(owner, method)

        def timed(*args: Any, **options: Any) -> Any:
            _wait()
            began = time.perf_counter()
            answer = inner(*args, **options)
            _wait()
            self.calls.setdefault(part, []).append(time.perf_counter() - began)
            return answer

        setattr(owner, method, timed)

    def typical(self, part: str) -> float:
        return statistics.median(self.calls[part])


@dataclass(frozen=True)
class Row:
    """One precision's numbers: seconds, and bytes at the peak."""

    precision: str
    load_s: float
    encode_s: float
    unet_s: float
    controlnet_s: float
    decode_s: float
    frame_s: float
    peak: int


def write_checkpoint(folder: Path) -> dict[str, tuple[int, int]]:
    """Writes SD 1.5's architecture and one ControlNet, random, bfloat16, in diffusers' folder layout.

    Returns:
        For each part, its parameters and the bytes of its weights.
    """
    import torch
    from diffusers import AutoencoderKL, ControlNetModel, PNDMScheduler, UNet2DConditionModel
    from transformers import CLIPTextConfig, CLIPTextModel

    torch.manual_seed(0)
    torch.set_default_dtype(torch.bfloat16)
    unet = UNet2DConditionModel(sample_size=64, cross_attention_dim=768)  # the rest is diffusers' default
    controlnet = ControlNetModel.from_unet(unet)
    for carrier in [*controlnet.controlnet_down_blocks, controlnet.controlnet_mid_block]:
        carrier.reset_parameters()  # a trained ControlNet is not silent
    vae = AutoencoderKL(
        block_out_channels=(128, 256, 512, 512),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=2,
        latent_channels=4,
        sample_size=SIDE_PX,
    )
    text = CLIPTextModel(
        CLIPTextConfig(hidden_size=768, intermediate_size=3072, num_attention_heads=12, projection_dim=768)
    )
    parts = {"unet": unet, "controlnet/canny": controlnet, "vae": vae, "text_encoder": text}
    for name, part in parts.items():
        part.save_pretrained(folder / name, max_shard_size="20GB")
    build_tokenizer(text.config.vocab_size).save_pretrained(folder / "tokenizer")
    scheduler: Any = PNDMScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", skip_prk_steps=True, steps_offset=1
    )
    scheduler.save_pretrained(folder / "scheduler")
    index = {
        "_class_name": "StableDiffusionPipeline",
        "scheduler": ["diffusers", "PNDMScheduler"],
        "text_encoder": ["transformers", "CLIPTextModel"],
        "tokenizer": ["transformers", "CLIPTokenizer"],
        "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "AutoencoderKL"],
        "safety_checker": [None, None],
        "feature_extractor": [None, None],
    }
    (folder / "model_index.json").write_text(json.dumps(index))
    return {
        name: (
            sum(each.numel() for each in part.parameters()),
            sum(file.stat().st_size for file in (folder / name).glob("*.safetensors")),
        )
        for name, part in parts.items()
    }


def build_tokenizer(entries: int) -> Any:
    """A tokenizer in CLIP's form that spells by bytes, filled up to `entries`; the two marks come last."""
    from tokenizers import pre_tokenizers
    from transformers import CLIPTokenizer

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    words = [*letters, *(f"{letter}</w>" for letter in letters)]
    words += [f"<spare{number}>" for number in range(entries - 2 - len(words))]
    vocab = {word: number for number, word in enumerate([*words, "<|startoftext|>", "<|endoftext|>"])}
    return CLIPTokenizer(vocab=vocab, merges=[], model_max_length=77)


def draw_one(folder: Path, precision: str, device: str, steps: int) -> Row:
    """Draws one frame through our own painter and times its parts; runs in a process of its own."""
    import torch

    from benchmarks.measure.clip import draw_plate
    from stylize.config.resolved import ResolvedConfig
    from stylize.config.style import Control, Finish
    from stylize.diffusion.generator import DiffusionGenerator
    from stylize.footage.clip import Shot
    from stylize.system.machine import peak_of_this_process

    config = ResolvedConfig(
        style="anime", checkpoint=str(folder), prompt="anime", negative_prompt="", strength=1.0, guidance=1.0,
        steps=steps, clip_skip=0, scheduler="ddim", noise="fixed", size=SIDE_PX,
        controls=(Control(condition="canny", model=None),), loras=(), finish=Finish(), seed=0, deflicker=1.0,
        batch=1, device=device, precision=precision, offline=True,
    )  # fmt: skip
    began = time.perf_counter()
    generator = DiffusionGenerator.load(config)
    load_s = time.perf_counter() - began
    plate, shot = draw_plate((SIDE_PX, SIDE_PX), 0, 0), Shot(0, 1)
    if device != "cpu":
        generator.draw([plate], [0], shot)  # the first frame on a GPU pays for its kernels
    timings = Timings()
    timings.watch(generator.checkpoint.vae, "encode", "encode")
    timings.watch(generator.checkpoint.vae, "decode", "decode")
    timings.watch(generator.checkpoint.unet, "forward", "unet")
    for net in generator.checkpoint.controlnets.values():
        timings.watch(net, "forward", "controlnet")
    began = time.perf_counter()
    generator.draw([plate], [0], shot)
    frame_s = time.perf_counter() - began
    return Row(
        precision,
        load_s,
        timings.typical("encode"),
        timings.typical("unet"),
        timings.typical("controlnet"),
        timings.typical("decode"),
        frame_s,
        torch.cuda.max_memory_allocated() if device != "cpu" else peak_of_this_process(),
    )


def _wait() -> None:
    """A GPU works on after a call returns."""
    import torch

    if torch.cuda.is_available():
        torch.cuda.synchronize()


def alone(work: Callable[..., Any], *args: Any) -> Any:
    """Does `work` in a fresh process, so that no measurement holds another's memory."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, *args).result()


def main() -> None:
    from benchmarks.measure.hardware import hardware_line

    parser = argparse.ArgumentParser(prog="python -m benchmarks.sd15", description=__doc__)
    parser.add_argument("--steps", type=int, default=2)
    parser.add_argument("--precision", nargs="+", default=["bf16", "fp32"], choices=["bf16", "fp16", "fp32"])
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    args = parser.parse_args()
    print(f"Stable Diffusion 1.5 and one ControlNet, {SIDE_PX} x {SIDE_PX}, {args.steps} steps, no guidance")
    print(f"{LABEL}\n{hardware_line()}\n")
    with tempfile.TemporaryDirectory(prefix="sd15-") as place:
        parts = alone(write_checkpoint, Path(place))
        for name, (parameters, size) in parts.items():
            print(f"{name:18}{parameters / 1e6:8.1f} M parameters{size / GIB:7.2f} GiB on disk")
        parameters, size = (sum(part[which] for part in parts.values()) for which in (0, 1))
        print(f"{'together':18}{parameters / 1e6:8.1f} M parameters{size / GIB:7.2f} GiB on disk\n")
        print("| precision | load s | encode s | UNet s | ControlNet s | decode s | frame s | peak GiB |")
        print("|---|---|---|---|---|---|---|---|", flush=True)
        for precision in args.precision:
            row: Row = alone(draw_one, Path(place), precision, args.device, args.steps)
            print(
                f"| {row.precision} | {row.load_s:.1f} | {row.encode_s:.2f} | {row.unet_s:.2f} | "
                f"{row.controlnet_s:.2f} | {row.decode_s:.2f} | {row.frame_s:.2f} | {row.peak / GIB:.2f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
