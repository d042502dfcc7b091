"""The manifest of an export, but for its parts and metrics."""

from __future__ import annotations

import importlib.metadata as metadata
from pathlib import Path
from typing import Any

import stylize
from stylize.config.style import Control
from stylize.diffusion.schedulers import CLASSES, make_scheduler
from stylize.edge.library import controlnet_revision, lora_digest
from stylize.edge.manifest import Calibration, ControlNetParts, FusedLora, Manifest, SamplerSpec
from stylize.edge.quantize.graphs import controlnet_parts
from stylize.edge.quantize.record import steps_to_record
from stylize.edge.quantize.reference import FloatReference
from stylize.edge.quantize.request import BuildRequest
from stylize.edge.samplers.choose import INVERSE, OWN

PACKAGES = ("torch", "diffusers", "aimet-torch", "onnx", "onnxruntime", "openvino")
"""The packages whose versions a manifest records."""


def describe(request: BuildRequest, reference: FloatReference) -> Manifest:
    """A manifest that lists no parts yet."""
    checkpoint, config = reference.generator.checkpoint, request.config
    info, scale = request.checkpoint, request.checkpoint.latent_scale
    height, width = request.latent_size
    return Manifest(
        made_by=f"stylize {stylize.__version__}",
        versions={name: metadata.version(name) for name in PACKAGES},
        target=request.target,
        checkpoint=Path(config.checkpoint).name if Path(config.checkpoint).exists() else config.checkpoint,
        revision=info.revision,
        key=request.key.digest,
        short_side=info.short_side,
        latent_scale=scale,
        levels=info.levels,
        channels=checkpoint.channels,
        clip_skip=config.clip_skip,
        tokens=int(checkpoint.tokenizer.model_max_length),
        pad_token=int(checkpoint.tokenizer.pad_token_id),
        samplers=_samplers(checkpoint.scheduler),
        size=request.shape,
        measured_at=(width * scale, height * scale),
        parts={},
        controls=tuple(_controlnet(control) for control in config.controls),
        loras=tuple(
            FusedLora(file=Path(lora.file).name, sha256=lora_digest(lora.file), weight=lora.weight)
            for lora in config.loras
            if lora.weight != 0
        ),
        calibration=_calibration(request, reference.recording_digest),
    )


def _calibration(request: BuildRequest, recording_digest: str) -> Calibration | None:
    plates, config = request.plates, request.config
    if plates is None:
        return None
    height, width = plates.calibration[0].shape[:2]
    return Calibration(
        clip=plates.name,
        frames=plates.numbers,
        size=(width, height),
        steps=config.steps,
        strength=config.strength,
        samples=len(plates.calibration) * len(steps_to_record(config.steps)),
        digest=recording_digest,
        adaround=request.adaround,
        touch_up=request.touch_up_steps,
    )


def _controlnet(control: Control) -> ControlNetParts:
    return controlnet_parts(control.condition).model_copy(
        update={"revision": controlnet_revision(control.model)}
    )


def _samplers(own: Any) -> dict[str, SamplerSpec]:
    """Every sampler on this checkpoint's noise levels, with the settings that diffusers gives it."""
    from diffusers import DDIMInverseScheduler

    schedulers = {OWN: own, INVERSE: DDIMInverseScheduler.from_config(own.config)}
    schedulers |= {name: make_scheduler(own, name) for name in CLASSES}
    return {
        name: SamplerSpec(
            kind=type(scheduler).__name__,
            config={key: value for key, value in dict(scheduler.config).items() if not key.startswith("_")},
        )
        for name, scheduler in schedulers.items()
    }
