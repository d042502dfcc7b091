"""What a manifest says of an export before its parts are made."""

from __future__ import annotations

import importlib.metadata as metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import stylize
from stylize.diffusion.generator import DiffusionGenerator
from stylize.diffusion.schedulers import CLASSES, make_scheduler
from stylize.edge.library import lora_digest, model_revision
from stylize.edge.manifest import Calibration, ControlParts, Fused, Manifest, SamplerFacts
from stylize.edge.quantize import record as recordings
from stylize.edge.quantize.graphs import control_parts
from stylize.edge.samplers.choose import INVERSE, OWN

if TYPE_CHECKING:
    from stylize.edge.quantize.build import Order

PACKAGES = ("torch", "diffusers", "aimet-torch", "onnx", "onnxruntime", "openvino")


def describe(order: Order, generator: DiffusionGenerator, latents: tuple[int, int], digest: str) -> Manifest:
    checkpoint, config = generator.checkpoint, order.config
    calibration = None
    if order.plates is not None:
        calibration = Calibration(
            clip=order.plates.name,
            frames=order.plates.numbers,
            size=(order.plates.calibration[0].shape[1], order.plates.calibration[0].shape[0]),
            steps=config.steps,
            strength=config.strength,
            samples=len(order.plates.calibration) * len(recordings.steps_to_record(config.steps)),
            digest=digest,
            adaround=order.adaround,
            touch_up=order.touch_up_steps,
        )
    scale = order.facts.latent_scale
    return Manifest(
        made_by=f"stylize {stylize.__version__}",
        versions={name: metadata.version(name) for name in PACKAGES},
        target=order.target,
        checkpoint=Path(config.checkpoint).name if Path(config.checkpoint).exists() else config.checkpoint,
        revision=order.facts.revision,
        key=order.wanted.key,
        short_side=order.facts.short_side,
        latent_scale=scale,
        levels=order.facts.levels,
        channels=checkpoint.channels,
        clip_skip=config.clip_skip,
        tokens=int(checkpoint.tokenizer.model_max_length),
        pad_token=int(checkpoint.tokenizer.pad_token_id),
        samplers=_samplers(checkpoint.scheduler),
        size=order.shape,
        measured_at=(latents[1] * scale, latents[0] * scale),
        parts={},
        controls=tuple(_control(control.condition, control.model) for control in config.controls),
        loras=tuple(
            Fused(file=Path(lora.file).name, sha256=lora_digest(lora.file), weight=lora.weight)
            for lora in config.loras
            if lora.weight != 0
        ),
        calibration=calibration,
    )


def _control(condition: str, model: str | None) -> ControlParts:
    return control_parts(condition).model_copy(update={"revision": model_revision(model)})


def _samplers(own: Any) -> dict[str, SamplerFacts]:
    """Every sampler on this checkpoint's noise levels, as diffusers would set it up."""
    from diffusers import DDIMInverseScheduler

    made = {OWN: own, INVERSE: DDIMInverseScheduler.from_config(own.config)}
    made |= {name: make_scheduler(own, name) for name in CLASSES}
    return {
        name: SamplerFacts(
            kind=type(each).__name__,
            config={key: value for key, value in dict(each.config).items() if not key.startswith("_")},
        )
        for name, each in made.items()
    }
