"""Draws frames with diffusers' own pipelines."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from stylize.config.resolved import ResolvedConfig
from stylize.diffusion.conditions import Condition, make_condition
from stylize.diffusion.device import dtype_of
from stylize.diffusion.families import PipelineFamily
from stylize.diffusion.families.pipelines import grid_of
from stylize.diffusion.finite import check_finite
from stylize.diffusion.loading import quiet
from stylize.diffusion.noise import noise_seed
from stylize.diffusion.out_of_memory import is_out_of_memory
from stylize.diffusion.pipelines.controlnets import control_arguments, load_controlnets
from stylize.diffusion.pipelines.loras import load_pipeline_loras
from stylize.diffusion.pipelines.ltx import check_ltx, ltx_window
from stylize.diffusion.pipelines.parts import assemble, load_pipeline_parts
from stylize.diffusion.pipelines.pictures import (
    picture_arguments,
    to_picture,
    to_tensor,
    window_arguments,
    window_frames,
)
from stylize.diffusion.pipelines.placing import place
from stylize.diffusion.pipelines.references import read_reference
from stylize.diffusion.pipelines.wan import fit_to_wan, tell_latents
from stylize.diffusion.pipelines.words import prompt_arguments, release_text_encoders
from stylize.diffusion.sizes import crop, pad_to_grid
from stylize.diffusion.vae_pieces import cut_up
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
    references: list[Image.Image]
    grid: int
    _turn: threading.Lock = field(default_factory=threading.Lock, repr=False)
    """Held while the pipeline is called: the threads of several passes take turns, also with another config."""

    @classmethod
    def load(cls, config: ResolvedConfig) -> PipelineGenerator:
        """Loads the pipeline, its ControlNets and LoRAs, and reads the prompt.

        Raises:
            ModelError, MissingPart, UsageError: what is missing or does not fit, and where.
        """
        device, dtype = torch.device(config.device), dtype_of(config.precision)
        family, parts = load_pipeline_parts(config.checkpoint, dtype, config.offline, config.transformer)
        controls = config.controls
        nets = load_controlnets(family, controls, parts.get("transformer"), dtype, config.offline)
        conditions = [
            make_condition(control.condition, device, config.offline, config.annotators)
            for control in controls
        ]
        pipe = _assembled(family, parts, nets, config.checkpoint)
        load_pipeline_loras(pipe, parts, config.loras, config.offline)
        with quiet():  # tokenizers tell of long prompts, which the pipelines cut
            words = prompt_arguments(family, pipe, config, device)
        release_text_encoders(family, pipe)
        cut_up(pipe.vae, config.vae_pieces)
        place(pipe, config.fit or "whole", device, dtype)
        references = [to_picture(read_reference(Path(file))) for file in config.references]
        return cls(
            config, family, pipe, words, conditions, nets, references, grid_of(family, pipe.vae.config)
        )

    def with_config(self, config: ResolvedConfig) -> PipelineGenerator:
        """The same model with another config that needs no other weights: another seed, say."""
        return replace(self, config=config)

    @torch.inference_mode()
    def draw(self, plates: Sequence[Pixels], indices: Sequence[int], shot: Shot) -> list[Pixels]:
        """Draws frames of one shot; see `stylize.diffusion.generator.DiffusionGenerator.draw`."""
        if self.family.kind == "shot":
            alone = zip(plates, indices, strict=True)
            return [self.draw_window([plate], [index], shot)[0] for plate, index in alone]
        return [self._draw(plate, index, shot) for plate, index in zip(plates, indices, strict=True)]

    @torch.inference_mode()
    def draw_window(
        self, plates: Sequence[Pixels], indices: Sequence[int], shot: Shot, keys: Sequence[Pixels] = ()
    ) -> list[Pixels]:
        """Draws neighbouring frames of a shot together; they depend on each other and on no other frame.

        Args:
            plates: (H, W, 3) float32 RGB in [0, 1], all of one size.
            indices: their numbers in the clip.
            shot: the shot that they are of.
            keys: drawn or painted frames of the shot, which the model is shown beside the config's references.
        """
        references = [*self.references, *map(to_picture, keys)]
        padded = [pad_to_grid(plate, self.grid) for plate in plates]
        control = self.config.controls[0] if self.config.controls else None
        seen = [self.conditions[0](plate) for plate in padded] if self.conditions else padded

        def given() -> dict[str, Any]:
            if self.family.name == "ltx":
                return ltx_window(self.pipe, self.config, window_frames(self.family, seen))
            return window_arguments(self.family, self.config, seen, control, references)

        drawn = self._called(given, shot, indices[0]).frames[0]
        return [
            self._checked(picture, plate, index)
            for picture, plate, index in zip(drawn, plates, indices, strict=False)
        ]

    def _draw(self, plate: Pixels, index: int, shot: Shot) -> Pixels:
        padded = pad_to_grid(plate, self.grid)
        given = picture_arguments(self.family, self.config, padded, bool(self.nets))
        if self.references:
            given["image"] = [given["image"], *self.references]
        if self.nets:
            pictures = [to_tensor(condition(padded)) for condition in self.conditions]
            given |= control_arguments(self.family, self.nets, self.config.controls, pictures)
        return self._checked(self._called(lambda: given, shot, index).images[0], plate, index)

    def _called(self, given: Callable[[], dict[str, Any]], shot: Shot, index: int) -> Any:
        """What the pipeline gives, from the noise of a shot or of the frame `index`.

        Args:
            given: what it is given beside the prompts; networks of the pipeline may be used for it.
        """
        generator = torch.Generator().manual_seed(
            noise_seed(self.config.noise, self.config.seed, shot, index)
        )
        try:
            with self._turn:
                return self.pipe(**self.words, **given(), generator=generator, output_type="np")
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            raise ModelError(
                "There is not enough memory to draw one frame."
                if self.family.kind != "shot"
                else "There is not enough memory to draw these frames together.",
                hint="draw smaller with --size, in --precision bf16, or on another --device"
                + ("" if self.family.kind != "shot" else "; or fewer at once with --window"),
            ) from error

    def _checked(self, drawn: Any, plate: Pixels, index: int) -> Pixels:
        """A drawn picture at the plate's size.

        Raises:
            ModelError: it holds what is no number.
        """
        picture = crop(np.asarray(drawn, np.float32), (plate.shape[1], plate.shape[0]))
        check_finite(picture, index, self.config.checkpoint)
        return picture


def _assembled(family: PipelineFamily, parts: dict[str, Any], nets: list[Any], name: str) -> Any:
    """The pipeline that draws, of loaded parts."""
    if nets:
        return assemble(str(family.controlled), parts, controlnet=nets[0] if len(nets) == 1 else nets)
    if family.name == "ltx":
        check_ltx(parts, name)
    if family.name != "wan":
        return assemble(family.draws, parts)
    pipe = assemble(family.draws, fit_to_wan(parts, name))
    tell_latents(pipe)
    return pipe
