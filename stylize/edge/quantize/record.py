"""What the networks see while real footage is drawn: recorded once, kept, and used to measure ranges."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from stylize.diffusion.generator import DiffusionGenerator
from stylize.footage.clip import Pixels, Shot

Tell = Callable[[str], None]
FEW_STEPS = (1, 2, 4)
"""A model made for a few steps is asked for any of these."""


@dataclass(frozen=True)
class Moment:
    """One call of the UNet: which frame it drew, how far along the run, and its inputs but the residuals."""

    frame: int
    along: float
    latents: Tensor
    timestep: Tensor
    prompt: Tensor


@dataclass(frozen=True)
class Recording:
    """Calls of every network: `plates` (1, 3, H, W) in [0, 1], `pictures` by condition, `drawn` latents."""

    plates: tuple[Tensor, ...]
    pictures: dict[str, tuple[Tensor, ...]]
    moments: tuple[Moment, ...]
    drawn: tuple[Tensor, ...]
    tokens: tuple[Tensor, ...]


def steps_to_record(steps: int) -> tuple[int, ...]:
    """Every count of steps that the export will be asked for, as far as is known."""
    return FEW_STEPS if steps in FEW_STEPS else (steps,)


@torch.no_grad()
def record(
    generator: DiffusionGenerator, plates: Sequence[Pixels], steps: Sequence[int], tell: Tell
) -> Recording:
    """Draws plates with every count of steps and keeps what the networks are given.

    Args:
        plates: (H, W, 3) float32 RGB in [0, 1], all of one size.
    """
    config = generator.config
    moments: list[Moment] = []
    now: dict[str, Any] = {}

    def note(_: Any, inputs: tuple[Tensor, ...], keywords: dict[str, Any]) -> None:
        latents, timestep, prompt = (_plain(each) for each in inputs[:3])
        along = now["calls"] / now["count"]
        now["calls"] += 1
        if along == 0 and now["seen"]:  # every count of steps begins with the same noise
            return
        for copy in range(len(latents)):  # guidance draws with and without the prompt at once
            moments.append(
                Moment(
                    now["frame"],
                    along,
                    latents[copy : copy + 1],
                    timestep.reshape(1),
                    prompt[copy : copy + 1],
                )
            )

    drawn, whole = [], Shot(0, len(plates))
    watch = generator.checkpoint.unet.register_forward_pre_hook(note, with_kwargs=True)
    try:
        for number, plate in enumerate(plates):
            tell(f"frame {number + 1} of {len(plates)}")
            for turn, count in enumerate(steps):
                now.update(
                    frame=number, seen=turn > 0, calls=0, count=max(1, int(count * config.strength + 1e-6))
                )
                drawer = generator.with_config(config.model_copy(update={"steps": count}))
                drawn.append(_plain(drawer.draw_latents([plate], [number], whole)))
    finally:
        watch.remove()
    conditions = zip(config.controls, generator.conditions, strict=True)
    return Recording(
        plates=tuple(_plain(generator.to_model([plate])) for plate in plates),
        pictures={
            control.condition: tuple(_plain(generator.to_model([condition(plate)])) for plate in plates)
            for control, condition in conditions
        },
        moments=tuple(moments),
        drawn=tuple(drawn),
        tokens=tuple(
            _tokens(generator, text) for text in dict.fromkeys((config.prompt, config.negative_prompt))
        ),
    )


def save(recording: Recording, file: Path) -> None:
    """Keeps a recording as safetensors, whole or not at all."""
    tensors: dict[str, Tensor] = {}
    for name in ("plates", "drawn", "tokens"):
        tensors |= {f"{name}/{number}": each for number, each in enumerate(getattr(recording, name))}
    for condition, pictures in recording.pictures.items():
        tensors |= {f"pictures/{condition}/{number}": each for number, each in enumerate(pictures)}
    for number, moment in enumerate(recording.moments):
        for part in ("latents", "timestep", "prompt"):
            tensors[f"moments/{number}/{part}"] = getattr(moment, part)
    facts = {"moments": json.dumps([[each.frame, each.along] for each in recording.moments])}
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f".{file.name}.tmp")
    save_file({name: each.contiguous().clone() for name, each in tensors.items()}, temporary, facts)
    temporary.replace(file)


def load(file: Path) -> Recording:
    """The inverse of `save`."""
    with safe_open(file, "pt") as opened:
        places = json.loads(opened.metadata()["moments"])
        names = list(opened.keys())

        def several(prefix: str) -> tuple[Tensor, ...]:
            mine = [name for name in names if name.startswith(f"{prefix}/")]
            return tuple(opened.get_tensor(f"{prefix}/{number}") for number in range(len(mine)))

        conditions = sorted({name.split("/")[1] for name in names if name.startswith("pictures/")})
        moments = tuple(
            Moment(frame, along, *(opened.get_tensor(f"moments/{number}/{part}") for part in _PARTS))
            for number, (frame, along) in enumerate(places)
        )
        return Recording(
            several("plates"),
            {condition: several(f"pictures/{condition}") for condition in conditions},
            moments,
            several("drawn"),
            several("tokens"),
        )


_PARTS = ("latents", "timestep", "prompt")


def _plain(tensor: Tensor) -> Tensor:
    """Out of inference mode, float32, in the usual layout."""
    return torch.from_numpy(np.ascontiguousarray(tensor.detach().float().cpu().numpy()))


def _tokens(generator: DiffusionGenerator, text: str) -> Tensor:
    tokenizer = generator.checkpoint.tokenizer
    tokens = tokenizer(
        text,
        padding="max_length",
        max_length=tokenizer.model_max_length,
        truncation=True,
        return_tensors="pt",
    )
    return tokens.input_ids
