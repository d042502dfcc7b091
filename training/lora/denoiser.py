"""The networks that are trained, as one module, and a batch in the form that they take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from stylize.diffusion.conditioning import Conditioning, PromptEmbeddings
from stylize.diffusion.controlnets import ControlNetInput
from stylize.diffusion.guidance import predict
from stylize.diffusion.prompts.encode import embed, tokenize
from training.lora.base_model import BaseModel
from training.lora.drawing_set import DrawingCrop


@dataclass(frozen=True)
class StyleBatch:
    """A batch as tensors on the training device.

    Attributes:
        drawn: crops of the drawings, (N, 3, H, W) in [0, 1].
        source: the photographs behind them, the same shape and range.
        conditions: the input of each ControlNet, the same shape and range.
        ids: tokens of the captions, (N, L).
    """

    drawn: Tensor
    source: Tensor
    conditions: list[Tensor]
    ids: Tensor

    @classmethod
    def of(cls, crops: list[DrawingCrop], base_model: BaseModel) -> StyleBatch:
        def tensor(pictures: Sequence[NDArray[np.float32]]) -> Tensor:
            stack = torch.stack([torch.from_numpy(picture) for picture in pictures]).permute(0, 3, 1, 2)
            return stack.to(base_model.checkpoint.device).contiguous(memory_format=torch.channels_last)

        sources = [crop.source for crop in crops]
        return cls(
            tensor([crop.drawn for crop in crops]),
            tensor(sources),
            [tensor([read(source) for source in sources]) for read in base_model.conditions],
            tokenize(base_model.checkpoint.tokenizer, [crop.caption for crop in crops]),
        )


class Denoiser(nn.Module):
    """UNet, text encoder and ControlNets together: noisy latents, timesteps, captions and conditions in, the
    network's prediction out. One module, so that accelerate wraps whatever is trained."""

    def __init__(self, base_model: BaseModel) -> None:
        super().__init__()
        checkpoint = base_model.checkpoint
        self.unet = checkpoint.unet
        self.text_encoder = checkpoint.text_encoder
        keys = [control.model or control.condition for control in base_model.controls]
        self.nets = nn.ModuleList(checkpoint.controlnets[key] for key in keys)
        # A ControlNet may act in a part of a run's steps only. A training step belongs to no run: it acts in all.
        always = {"start": 0.0, "end": 1.0}
        self.controls = [control.model_copy(update=always) for control in base_model.controls]
        self.clip_skip = base_model.pack.style.clip_skip

    def forward(self, noisy: Tensor, timesteps: Tensor, ids: Tensor, conditions: list[Tensor]) -> Tensor:
        """The prediction for (N, C, h, w) latents at (N,) timesteps: noise, sample or velocity, by the
        checkpoint."""
        prompt = PromptEmbeddings(embed(self.text_encoder, ids, self.clip_skip), None, 1.0)
        inputs = tuple(
            ControlNetInput(net, picture, control)
            for net, picture, control in zip(self.nets, conditions, self.controls, strict=True)
        )
        return predict(self.unet, noisy, timesteps, Conditioning(prompt, inputs), 0.0, 0.0)
