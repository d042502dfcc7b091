"""python -m benchmarks.sd15_lora: what a LoRA's optimisation step costs on Stable Diffusion 1.5's shape.

The architecture is the real one, with a ControlNet beside it; the weights are random, the drawings are rendered.
A step is what `stylize train style` does: crops, encoding, ControlNet, UNet, loss, gradients, AdamW.
"""

from __future__ import annotations

import argparse
import contextlib
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.sd15 import GIB, LABEL, SIDE_PX, alone, write_checkpoint

STYLE = """
title = "Shape"
checkpoint = "{folder}"
prompt = "anime"
[[controls]]
condition = "canny"
"""


@dataclass(frozen=True)
class Row:
    """Seconds to load and of two steps, the first with what is made once; bytes at the peak; trained weights."""

    load_s: float
    first_s: float
    second_s: float
    peak: int
    trained: int
    loss: float


def step_twice(place: Path, precision: str, device: str, rank: int, checkpointing: bool) -> Row:
    """Two steps of a batch of one at 512 px; frozen weights and arithmetic in `precision`, the LoRA in fp32."""
    import torch

    from stylize.system.machine import peak_of_this_process
    from training.dataset.drawing_folder import find_drawings
    from training.lora.base_model import load_base_model
    from training.lora.denoiser import Denoiser, StyleBatch
    from training.lora.drawing_set import DrawingSet
    from training.lora.objective import Objective
    from training.lora.recipe import StyleRecipe
    from training.lora.trainable import TrainableLora

    recipe = StyleRecipe.of(
        name="shape", drawings=place / "drawings", base=str(place / "style.toml"), rank=rank, batch=1,
        weights=precision, gradient_checkpointing=checkpointing, device=device,
    )  # fmt: skip
    began = time.perf_counter()
    base_model = load_base_model(recipe, torch.device(device))
    trainable = TrainableLora(base_model, recipe)
    if checkpointing:
        base_model.checkpoint.unet.enable_gradient_checkpointing()
    denoiser, objective = Denoiser(base_model), Objective.of(base_model, recipe)
    optimiser = torch.optim.AdamW(trainable.weights, lr=1e-4)
    resolution = base_model.resolution(recipe)
    pictures = DrawingSet.read(
        find_drawings(recipe.drawings).drawings, resolution, resolution, base_model.info.grid, True
    )
    load_s, seconds, loss = time.perf_counter() - began, [], 0.0
    half = {"bf16": torch.bfloat16, "fp16": torch.float16}.get(precision)
    for number in range(2):
        began = time.perf_counter()
        batch = StyleBatch.of(pictures.crops((0, number), recipe.batch, False), base_model)
        with torch.autocast(device, half) if half else contextlib.nullcontext():
            judged = objective.loss(denoiser, denoiser, batch, (0, number, 1), None)
        judged.backward()
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        loss = float(judged.detach())  # waits for a GPU to finish
        seconds.append(time.perf_counter() - began)
    peak = torch.cuda.max_memory_allocated() if device != "cpu" else peak_of_this_process()
    trained = sum(weight.numel() for weight in trainable.weights)
    return Row(load_s, *seconds, peak, trained, loss)


def main() -> None:
    from benchmarks.measure.hardware import hardware_line
    from training.styles import write_drawings

    parser = argparse.ArgumentParser(prog="python -m benchmarks.sd15_lora", description=__doc__)
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--precision", nargs="+", default=["bf16"], choices=["bf16", "fp16", "fp32"])
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    parser.add_argument("--no-checkpointing", action="store_true", help="keep every activation: more memory")
    args = parser.parse_args()
    print(
        f"A LoRA of rank {args.rank} on Stable Diffusion 1.5 with one ControlNet, {SIDE_PX} x {SIDE_PX}, batch 1"
    )
    print(f"{LABEL}\n{hardware_line()}\n")
    with tempfile.TemporaryDirectory(prefix="sd15-lora-") as folder:
        place = Path(folder)
        alone(write_checkpoint, place)
        (place / "style.toml").write_text(STYLE.format(folder=place))
        write_drawings("ink-noir", place / "drawings", 4, seed=1)
        print("| precision | load s | first step s | second step s | peak GiB | trained M | loss |")
        print("|---|---|---|---|---|---|---|", flush=True)
        for precision in args.precision:
            row: Row = alone(step_twice, place, precision, args.device, args.rank, not args.no_checkpointing)
            print(
                f"| {precision} | {row.load_s:.1f} | {row.first_s:.1f} | {row.second_s:.1f} | "
                f"{row.peak / GIB:.2f} | {row.trained / 1e6:.2f} | {row.loss:.3f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
