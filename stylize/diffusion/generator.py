"""Draws frames with a diffusion model in torch."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from stylize.config.resolved import ResolvedConfig
from stylize.diffusion import sampling
from stylize.diffusion.checkpoint import Checkpoint, load_checkpoint
from stylize.diffusion.conditioning import Conditioning, PromptEmbeddings
from stylize.diffusion.conditions import Condition, make_condition
from stylize.diffusion.controlnets import ControlNetInput, load_controlnet
from stylize.diffusion.controlnets.unions import mode_of
from stylize.diffusion.device import dtype_of
from stylize.diffusion.finite import OTHER_PRECISION, check_finite
from stylize.diffusion.first_frame import FirstFrameAttention
from stylize.diffusion.guidance import TorchConditioning
from stylize.diffusion.ip_adapter.adapter import load_ip_adapter
from stylize.diffusion.ip_adapter.layout import find_encoder, read_layout
from stylize.diffusion.ip_adapter.look import embed_references
from stylize.diffusion.lora import load_loras
from stylize.diffusion.noise import noise_for, sampler_seed
from stylize.diffusion.out_of_memory import FittingBatches
from stylize.diffusion.pipelines.references import read_reference
from stylize.diffusion.prompts.encode import read_prompt
from stylize.diffusion.prompts.words import check_used, load_word
from stylize.diffusion.sizes import crop, pad_to_grid
from stylize.diffusion.strength import depart
from stylize.diffusion.vae import load_vae
from stylize.diffusion.vae_pieces import cut_up
from stylize.footage.clip import Pixels, Shot


@dataclass
class DiffusionGenerator:
    """A loaded checkpoint with its ControlNets and LoRAs, which draws plates as one config says.

    A frame depends on the config, the plate, its shot and its own number only, so frames can be drawn in any order
    and on any machine of one kind. The batch size is part of the config: networks round differently by it.
    Where memory does not hold a batch, it is drawn in halves.
    """

    config: ResolvedConfig
    checkpoint: Checkpoint
    conditions: list[Condition]
    prompt: PromptEmbeddings[Tensor]
    batches: FittingBatches = field(default_factory=FittingBatches)
    first_frame: FirstFrameAttention | None = None
    _turn: threading.Lock = field(default_factory=threading.Lock, repr=False)
    """Held while a batch is drawn: the threads of several passes take turns, also with another config."""

    @classmethod
    def load(cls, config: ResolvedConfig) -> DiffusionGenerator:
        """Loads the checkpoint, its ControlNets and LoRAs, and reads the prompt.

        Raises:
            ModelError, MissingPart, UsageError: what is missing or does not fit, and where.
        """
        device = torch.device(config.device)
        checkpoint = load_checkpoint(config.checkpoint, device, dtype_of(config.precision), config.offline)
        conditions = []
        for control in config.controls:
            conditions.append(make_condition(control.condition, device, config.offline, config.annotators))
            key = control.model or control.condition
            if key not in checkpoint.controlnets:
                net = load_controlnet(checkpoint, control.condition, control.model, config.offline)
                checkpoint.controlnets[key] = net
            mode_of(checkpoint.controlnets[key], control.condition, control.model or config.checkpoint)
        if config.vae is not None:
            checkpoint.vae = load_vae(checkpoint, config.vae, config.offline)
        cut_up(checkpoint.vae, config.vae_pieces)
        for file in config.embeddings:
            load_word(checkpoint, Path(file).expanduser())
        load_loras(checkpoint, [(lora.file, lora.weight) for lora in config.loras], config.offline)
        check_used(checkpoint.words, config.prompt, config.negative_prompt)
        prompt = _with_references(read_prompt(checkpoint, config), checkpoint, config)
        seeing = FirstFrameAttention.put_into(checkpoint.unet) if config.attend == "first" else None
        return cls(config, checkpoint, conditions, prompt, first_frame=seeing)

    def with_config(self, config: ResolvedConfig) -> DiffusionGenerator:
        """The same model with another config that needs no other weights: another seed, say."""
        return replace(self, config=config)

    @torch.inference_mode()
    def draw(self, plates: Sequence[Pixels], indices: Sequence[int], shot: Shot) -> list[Pixels]:
        """Draws a batch of frames of one shot.

        Args:
            plates: (H, W, 3) float32 RGB in [0, 1], all of one size.
            indices: their numbers in the clip, by which the noise is seeded.
            shot: the shot that they are of.

        Returns:
            As many pictures of the same size and range.
        """
        with self._turn:
            return self.batches.run(
                lambda pairs: self._draw_batch(
                    [plate for plate, _ in pairs], [index for _, index in pairs], shot
                ),
                list(zip(plates, indices, strict=True)),
            )

    @torch.inference_mode()
    def draw_beside(
        self, first: Pixels, plates: Sequence[Pixels], indices: Sequence[int], shot: Shot
    ) -> list[Pixels]:
        """Draws frames as `draw` does, each of which looks at the drawing of the shot's first frame.

        That drawing is made again with every batch, so a frame depends on the first plate and on its own.

        Args:
            first: the plate of the shot's first frame.
        """
        if self.first_frame is None:
            raise ValueError("This generator was loaded without attention to the first frame.")
        seeing = self.first_frame

        def work(pairs: Sequence[tuple[Pixels, int]]) -> list[Pixels]:
            seeing.frames = len(pairs) + 1
            try:
                beside = [(first, shot.start), *pairs]
                return self._draw_batch([plate for plate, _ in beside], [at for _, at in beside], shot)[1:]
            finally:
                seeing.frames = 1

        with self._turn:
            return self.batches.run(work, list(zip(plates, indices, strict=True)))

    def _draw_batch(self, plates: Sequence[Pixels], indices: Sequence[int], shot: Shot) -> list[Pixels]:
        height, width = plates[0].shape[:2]
        pixels = sampling.decode(self.checkpoint.vae, self.draw_latents(plates, indices, shot))
        drawn = [crop(each, (width, height)) for each in _from_model(pixels)]
        for index, picture in zip(indices, drawn, strict=True):
            check_finite(picture, index, self.config.checkpoint, f"{OTHER_PRECISION}, or a --vae for fp16")
        return [depart(plate, picture, self.config) for plate, picture in zip(plates, drawn, strict=True)]

    @torch.inference_mode()
    def draw_latents(self, plates: Sequence[Pixels], indices: Sequence[int], shot: Shot) -> Tensor:
        """The latents (N, C, h, w) float32 of what `draw` draws, before they are decoded."""
        latents = sampling.encode(self.checkpoint.vae, self.to_model(plates))
        return sampling.draw(
            self.checkpoint,
            self.config,
            latents,
            self._noise(indices, shot, latents),
            self._conditioning(plates),
            [torch.Generator().manual_seed(sampler_seed(self.config.seed, index)) for index in indices],
        )

    def to_model(self, pictures: Sequence[Pixels]) -> Tensor:
        """(H, W, 3) pictures to one (N, 3, H', W') tensor in [0, 1], padded to the network's grid."""
        stack = np.stack([pad_to_grid(each, self.checkpoint.grid) for each in pictures])
        tensor = torch.from_numpy(np.ascontiguousarray(stack.transpose(0, 3, 1, 2)))
        return tensor.to(self.checkpoint.device).contiguous(memory_format=torch.channels_last)

    def _noise(self, indices: Sequence[int], shot: Shot, latents: Tensor) -> Tensor | None:
        if self.config.noise == "source":
            return None
        _, channels, height, width = latents.shape
        shape = (channels, height, width)
        noises = [noise_for(self.config.noise, self.config.seed, shot, index, shape) for index in indices]
        return torch.from_numpy(np.stack(noises)).to(latents.device)

    def _conditioning(self, plates: Sequence[Pixels]) -> TorchConditioning:
        controlnets = []
        for control, condition in zip(self.config.controls, self.conditions, strict=True):
            net = self.checkpoint.controlnets[control.model or control.condition]
            picture = self.to_model([condition(plate) for plate in plates])
            mode = mode_of(net, control.condition, control.model or self.checkpoint.name)
            controlnets.append(ControlNetInput(net, picture, control, mode))
        height, width = (
            -(-side // self.checkpoint.grid) * self.checkpoint.grid for side in plates[0].shape[:2]
        )
        return Conditioning(self.prompt, tuple(controlnets), (height, width))


def _with_references(
    prompt: PromptEmbeddings[Tensor], checkpoint: Checkpoint, config: ResolvedConfig
) -> PromptEmbeddings[Tensor]:
    """The prompt with the references, after the IP-Adapter that looks at them was put into the UNet."""
    if config.ip_adapter is None:
        return prompt
    file = Path(config.ip_adapter)
    weight = config.ip_adapter_weight
    load_ip_adapter(checkpoint.unet, file, 1.0 if weight is None else weight)
    layout = read_layout(file)
    encoder = find_encoder(file, layout, Path(config.image_encoder) if config.image_encoder else None)
    shown, nothing = embed_references(
        [read_reference(Path(each)) for each in config.references],
        encoder,
        layout.of_patches,
        checkpoint.device,
        checkpoint.dtype,
    )
    return replace(prompt, images_cond=shown, images_uncond=None if prompt.uncond is None else nothing)


def _from_model(pixels: Tensor) -> list[Pixels]:
    """The inverse of `DiffusionGenerator.to_model`, but for the padding."""
    return list(pixels.permute(0, 2, 3, 1).cpu().numpy().astype(np.float32))
