"""What the networks are given while real footage is drawn: recorded once, kept, and used to measure ranges."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from stylize.diffusion.generator import DiffusionGenerator
from stylize.diffusion.prompts.encode import tokenize
from stylize.diffusion.strength import noise_strength, steps_at
from stylize.footage.clip import Pixels, Shot
from stylize.storage.atomic import atomic_path

FEW_STEPS = (1, 2, 4)
"""A model that is made for a few steps may be asked for any of these."""
_INPUTS = ("latents", "timestep", "prompt")


@dataclass(frozen=True)
class UNetCall:
    """One call of the UNet for one frame: its inputs but the residuals.

    `frame` counts the recorded plates; `progress` is the share of the run's steps that were done, 0 to 1; `share`
    is one over their number; `latents` are (1, C, h, w), `timestep` (1,), `prompt` (1, L, D).
    """

    frame: int
    progress: float
    share: float
    latents: Tensor
    timestep: Tensor
    prompt: Tensor


@dataclass(frozen=True)
class Recording:
    """The inputs of every network, float32 but for the tokens.

    `plates` are (1, 3, H, W) in [0, 1]; `pictures` are the ControlNets', of the same kind, by condition;
    `drawn` are latents (1, C, h, w) that were decoded; `tokens` are (1, L) int64.
    """

    plates: tuple[Tensor, ...]
    pictures: dict[str, tuple[Tensor, ...]]
    unet_calls: tuple[UNetCall, ...]
    drawn: tuple[Tensor, ...]
    tokens: tuple[Tensor, ...]


def steps_to_record(steps: int) -> tuple[int, ...]:
    """The numbers of steps to draw with, for a config of that many: all that the export may be asked for."""
    return FEW_STEPS if steps in FEW_STEPS else (steps,)


@torch.no_grad()
def record(
    generator: DiffusionGenerator,
    plates: Sequence[Pixels],
    steps: Sequence[int],
    report_progress: Callable[[str], None],
) -> Recording:
    """Draws plates with every number of steps and keeps what the networks are given.

    Args:
        plates: (H, W, 3) float32 RGB in [0, 1], all of one size.
    """
    config, shot = generator.config, Shot(0, len(plates))
    recorder, drawn = _Recorder(), []
    with recorder.watching(generator.checkpoint.unet):
        for index, plate in enumerate(plates):
            report_progress(f"frame {index + 1} of {len(plates)}")
            for turn, count in enumerate(steps):
                recorder.begin_run(index, steps_at(count, noise_strength(config)), skip_first=turn > 0)
                run = generator.with_config(config.model_copy(update={"steps": count}))
                drawn.append(_plain(run.draw_latents([plate], [index], shot)))
    conditions = zip(config.controls, generator.conditions, strict=True)
    return Recording(
        plates=tuple(_plain(generator.to_model([plate])) for plate in plates),
        pictures={
            control.condition: tuple(_plain(generator.to_model([condition(plate)])) for plate in plates)
            for control, condition in conditions
        },
        unet_calls=tuple(recorder.calls),
        drawn=tuple(drawn),
        tokens=tuple(
            tokenize(generator.checkpoint.tokenizer, [text])
            for text in dict.fromkeys((config.prompt, config.negative_prompt))
        ),
    )


@dataclass
class _Recorder:
    """Notes what a UNet is given, run after run."""

    calls: list[UNetCall] = field(default_factory=list)
    _frame: int = 0
    _steps: int = 1
    _done: int = 0
    _skip_first: bool = False

    def begin_run(self, frame: int, steps: int, *, skip_first: bool) -> None:
        """Begins a run of so many steps.

        Args:
            skip_first: leave its first call out: the runs of a frame begin with the same noise.
        """
        self._frame, self._steps, self._done, self._skip_first = frame, steps, 0, skip_first

    @contextmanager
    def watching(self, unet: Any) -> Iterator[None]:
        watch = unet.register_forward_pre_hook(self._note)
        try:
            yield
        finally:
            watch.remove()

    def _note(self, _: Any, inputs: tuple[Tensor, ...]) -> None:
        progress = self._done / self._steps
        self._done += 1
        if progress == 0 and self._skip_first:
            return
        latents, timestep, prompt = (_plain(each) for each in inputs[:3])
        for row in range(len(latents)):  # guidance draws with and without the prompt in one batch
            one = slice(row, row + 1)
            self.calls.append(
                UNetCall(
                    self._frame, progress, 1 / self._steps, latents[one], timestep.reshape(1), prompt[one]
                )
            )


def save_recording(recording: Recording, file: Path) -> None:
    """Writes a recording as safetensors.

    Raises:
        CannotWrite: the disk is full or the folder cannot be written.
    """
    tensors: dict[str, Tensor] = {}
    for name in ("plates", "drawn", "tokens"):
        tensors |= {f"{name}/{number}": each for number, each in enumerate(getattr(recording, name))}
    for condition, pictures in recording.pictures.items():
        tensors |= {f"pictures/{condition}/{number}": each for number, each in enumerate(pictures)}
    for number, call in enumerate(recording.unet_calls):
        tensors |= {f"unet_calls/{number}/{name}": getattr(call, name) for name in _INPUTS}
    tensors = {name: each.contiguous().clone() for name, each in tensors.items()}
    places = json.dumps([[each.frame, each.progress, each.share] for each in recording.unet_calls])
    with atomic_path(file) as temporary:
        save_file(tensors, temporary, {"unet_calls": places, "digest": _digest(tensors, places)})


def load_recording(file: Path) -> Recording | None:
    """Reads what `save_recording` wrote; None where the file is damaged."""
    try:
        return _load(file)
    except (SafetensorError, ValueError, KeyError, TypeError):
        return None


def _load(file: Path) -> Recording:
    with safe_open(file, "pt") as opened:
        tensors = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118 (it is no mapping)
        if opened.metadata()["digest"] != _digest(tensors, opened.metadata()["unet_calls"]):
            raise ValueError("the recording is not what was written")
        places = json.loads(opened.metadata()["unet_calls"])
        names = list(tensors)

        def several(prefix: str) -> tuple[Tensor, ...]:
            count = sum(name.startswith(f"{prefix}/") for name in names)
            return tuple(tensors[f"{prefix}/{number}"] for number in range(count))

        conditions = sorted({name.split("/")[1] for name in names if name.startswith("pictures/")})
        unet_calls = tuple(
            UNetCall(
                frame,
                progress,
                share,
                *(tensors[f"unet_calls/{number}/{name}"] for name in _INPUTS),
            )
            for number, (frame, progress, share) in enumerate(places)
        )
        return Recording(
            several("plates"),
            {condition: several(f"pictures/{condition}") for condition in conditions},
            unet_calls,
            several("drawn"),
            several("tokens"),
        )


def _plain(tensor: Tensor) -> Tensor:
    """A copy out of inference mode, float32, contiguous."""
    return torch.from_numpy(np.ascontiguousarray(tensor.detach().float().cpu().numpy()))


def _digest(tensors: Mapping[str, Tensor], places: str) -> str:
    """Stands for all that a recording holds, each number of it."""
    made = hashlib.sha256(places.encode())
    for name in sorted(tensors):
        made.update(f"{name} {tensors[name].dtype} {tuple(tensors[name].shape)}".encode())
        made.update(tensors[name].flatten().view(torch.uint8).numpy())
    return made.hexdigest()
