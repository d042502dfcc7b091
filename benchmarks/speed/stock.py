"""The loop that most people write: diffusers' own ControlNet pipeline, frame by frame, into a film."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from stylize import footage
from stylize.config.resolved import ResolvedConfig
from stylize.diffusion.noise import noise_seed
from stylize.diffusion.sizes import crop, pad_to_grid, scale_down, working_size
from stylize.footage.clip import Frame, Pixels, Shot


@dataclass(frozen=True)
class Work:
    """What a loop is to draw: the first frames of a clip, with these settings."""

    clip: Path
    frames: int
    config: ResolvedConfig
    steps: int
    guidance: float
    strength: float


@dataclass(frozen=True)
class Taken:
    """Seconds and processor seconds, of the start and of each frame, and the drawings at the working size."""

    start_s: float
    frame_s: float
    frame_cpu_s: float
    drawings: tuple[Pixels, ...]
    unet_s: float
    """The UNet and its ControlNet, a frame."""
    unet_flop: float
    """The arithmetic of these, a frame."""
    peak_flop_s: float
    """What the device multiplies in a second, in matrices of 4,096 a side."""


def run_stock(work: Work, out: Path) -> Taken:
    """Decodes, draws, enlarges and writes, one after another, in float as the pipeline's defaults have it."""
    import torch

    began = time.perf_counter()
    dtype = torch.float16 if work.config.device != "cpu" else torch.float32
    pipeline = _pipeline(work.config, dtype)
    clip = footage.probe(work.clip)
    size = working_size(clip.width, clip.height, work.config.size)
    start_s = time.perf_counter() - began
    networks = _Networks(pipeline)
    drawings: list[Pixels] = []

    def frames() -> Iterator[Frame]:
        for frame in footage.read_frames(clip, 0, work.frames):
            plate = scale_down(frame.pixels, size)
            drawings.append(crop(_draw(pipeline, work, plate, frame.index, clip.frame_count), size))
            whole = cv2.resize(drawings[-1], (clip.width, clip.height), interpolation=cv2.INTER_CUBIC)
            yield replace(frame, pixels=np.clip(whole, 0, 1, dtype=np.float32))

    began, before = time.perf_counter(), _processor_s()
    footage.write_film(frames(), out, clip, end=work.frames, audio=False, overwrite=True)
    taken, busy = time.perf_counter() - began, _processor_s() - before
    return Taken(
        start_s,
        taken / work.frames,
        busy / work.frames,
        tuple(drawings),
        networks.seconds / work.frames,
        networks.flop_of(lambda: _draw(pipeline, work, drawings[-1], 0, clip.frame_count)),
        _matrix_peak(pipeline.device, dtype),
    )


def _pipeline(config: ResolvedConfig, dtype: Any) -> Any:
    from diffusers import StableDiffusionControlNetImg2ImgPipeline as Pipeline
    from diffusers.utils import logging

    from stylize.diffusion.checkpoint import load_checkpoint
    from stylize.diffusion.controlnets import load_controlnet

    logging.disable_progress_bar()
    (control,) = config.controls
    checkpoint = load_checkpoint(config.checkpoint, config.device, dtype, config.offline)
    net = load_controlnet(checkpoint, control.condition, control.model, config.offline)
    pipeline = Pipeline(
        vae=checkpoint.vae,
        text_encoder=checkpoint.text_encoder,
        tokenizer=checkpoint.tokenizer,
        unet=checkpoint.unet,
        controlnet=net,
        scheduler=checkpoint.scheduler,
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline.to(config.device)


def _draw(pipeline: Any, work: Work, plate: Pixels, index: int, count: int) -> Pixels:
    """One frame, from the same noise as ours: which a torch generator of the same seed makes on a processor."""
    import torch

    from stylize.diffusion.conditions import make_condition

    (control,) = work.config.controls
    condition = make_condition(control.condition, "cpu", work.config.offline, work.config.annotators)
    grid = pipeline.vae_scale_factor * 2 ** (len(pipeline.unet.config.block_out_channels) - 1)
    seed = noise_seed(work.config.noise, work.config.seed, Shot(0, count), index)

    def tensor(picture: Pixels) -> Any:
        return torch.from_numpy(np.ascontiguousarray(pad_to_grid(picture, grid).transpose(2, 0, 1)[None]))

    drawn = pipeline(
        prompt=work.config.prompt,
        negative_prompt=work.config.negative_prompt or None,
        image=tensor(plate),
        control_image=tensor(condition(plate)),
        num_inference_steps=work.steps,
        guidance_scale=work.guidance,
        strength=work.strength,
        controlnet_conditioning_scale=control.weight,
        generator=torch.Generator().manual_seed(seed),
        output_type="np",
    )
    return np.asarray(drawn.images[0], np.float32)


class _Networks:
    """Counts the seconds that the UNet and the ControlNet take, and their arithmetic."""

    def __init__(self, pipeline: Any) -> None:
        self.seconds = 0.0
        for network in (pipeline.unet, pipeline.controlnet):
            self._watch(network)

    def _watch(self, network: Any) -> None:
        inner = network.forward

        def timed(*args: Any, **options: Any) -> Any:
            _wait()
            began = time.perf_counter()
            answer = inner(*args, **options)
            _wait()
            self.seconds += time.perf_counter() - began
            return answer

        network.forward = timed

    @staticmethod
    def flop_of(draw: Any) -> float:
        """Of one frame: two for every multiplication of matrices and convolutions, as torch counts them."""
        from torch.utils.flop_counter import FlopCounterMode

        with FlopCounterMode(display=False) as counter:
            draw()
        return float(counter.get_total_flops())


def _matrix_peak(device: Any, dtype: Any, side: int = 4096, rounds: int = 3) -> float:
    """Floating-point operations a second of the best of some products of two square matrices."""
    import torch

    left, right = (torch.randn(side, side, device=device, dtype=dtype) for _ in range(2))
    best = float("inf")
    for _ in range(rounds):
        _wait()
        began = time.perf_counter()
        left @ right
        _wait()
        best = min(best, time.perf_counter() - began)
    return float(2 * side**3 / best)


def _wait() -> None:
    """A GPU works on after a call returns."""
    import torch

    if torch.cuda.is_available():
        torch.cuda.synchronize()


def _processor_s() -> float:
    """Of this process and of those that it has waited for, such as ffmpeg."""
    return sum(os.times()[:4])
