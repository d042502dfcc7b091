"""Draws frames with diffusers' own pipelines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from stylize.config.resolved import ResolvedConfig
from stylize.diffusion.conditions import Condition, make_condition
from stylize.diffusion.device import dtype_of
from stylize.diffusion.families import PipelineFamily
from stylize.diffusion.loading import quiet
from stylize.diffusion.noise import noise_seed
from stylize.diffusion.out_of_memory import is_out_of_memory
from stylize.diffusion.pipelines.controlnets import control_arguments, load_controlnets
from stylize.diffusion.pipelines.loras import load_pipeline_loras
from stylize.diffusion.pipelines.parts import assemble, load_pipeline_parts
from stylize.diffusion.pipelines.pictures import picture_arguments, to_tensor
from stylize.diffusion.pipelines.words import prompt_arguments, release_text_encoders
from stylize.diffusion.sizes import crop, pad_to_grid
from stylize.errors import ModelError
from stylize.footage.clip import Pixels, Shot


@dataclass
class PipelineGenerator:
    """A loaded pipeline of diffusers, which draws plates one by one as one config says.

    A frame depends on the config, the plate, its shot and its own number only. The pipeline draws its noise from a
    generator on the processor that is seeded as the noise of the UNet's loop is: once a shot, or once a frame.
    """

    config: ResolvedConfig
    family: PipelineFamily
    pipe: Any
    words: dict[str, Any]
    conditions: list[Condition]
    nets: list[Any]

    @classmethod
    def load(cls, config: ResolvedConfig) -> PipelineGenerator:
        """Loads the pipeline, its ControlNets and LoRAs, and reads the prompt.

        Raises:
            ModelError, MissingPart, UsageError: what is missing or does not fit, and where.
        """
        device, dtype = torch.device(config.device), dtype_of(config.precision)
        family, parts = load_pipeline_parts(config.checkpoint, dtype, config.offline)
        controls = config.controls
        nets = load_controlnets(family, controls, dtype, config.offline)
        conditions = [
            make_condition(control.condition, device, config.offline, config.annotators)
            for control in controls
        ]
        if nets:
            pipe = assemble(str(family.controlled), parts, controlnet=nets[0] if len(nets) == 1 else nets)
        else:
            pipe = assemble(family.draws, parts)
        pipe.to(device)
        load_pipeline_loras(pipe, [(lora.file, lora.weight) for lora in config.loras], config.offline)
        with quiet():  # tokenizers tell of long prompts, which the pipelines cut
            words = prompt_arguments(family, pipe, config)
        release_text_encoders(family, pipe)
        return cls(config, family, pipe, words, conditions, nets)

    def with_config(self, config: ResolvedConfig) -> PipelineGenerator:
        """The same model with another config that needs no other weights: another seed, say."""
        return replace(self, config=config)

    @torch.inference_mode()
    def draw(self, plates: Sequence[Pixels], indices: Sequence[int], shot: Shot) -> list[Pixels]:
        """Draws frames of one shot; see `stylize.diffusion.generator.DiffusionGenerator.draw`."""
        return [self._draw(plate, index, shot) for plate, index in zip(plates, indices, strict=True)]

    def _draw(self, plate: Pixels, index: int, shot: Shot) -> Pixels:
        height, width = plate.shape[:2]
        padded = pad_to_grid(plate, self.family.grid)
        given = self.words | picture_arguments(self.family, self.config, padded, bool(self.nets))
        if self.nets:
            pictures = [to_tensor(condition(padded)) for condition in self.conditions]
            given |= control_arguments(self.nets, self.config.controls, pictures)
        seed = noise_seed(self.config.noise, self.config.seed, shot, index)
        try:
            drawn = self.pipe(
                **given, generator=torch.Generator().manual_seed(seed), output_type="np"
            ).images[0]
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            raise ModelError(
                "There is not enough memory to draw one frame.",
                hint="draw smaller with --size, in --precision bf16, or on another --device",
            ) from error
        picture = crop(np.asarray(drawn, np.float32), (width, height))
        if not np.isfinite(picture).all():
            raise ModelError(
                f"Frame {index} came out of the network as no numbers (NaN).",
                where=self.config.checkpoint,
                hint="it leaves the range of this precision: use --precision bf16 or fp32",
            )
        return picture
