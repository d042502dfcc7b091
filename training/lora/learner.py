"""What is trained, as one module: words, noise, time and conditions in, the network's guess out."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from stylize.diffusion import sampling
from stylize.diffusion.guide import ControlNetInput, Prompt, guess
from stylize.diffusion.prompt import embed, tokenize
from training.lora.samples import Picture, Sample
from training.lora.standing import Standing


@dataclass(frozen=True)
class Lesson:
    """A batch as the networks take it.

    `drawn` and `source` are (N, 3, H, W) in [0, 1]; `conditions` are what the ControlNets see, of the same kind;
    `ids` are the captions' tokens, (N, L).
    """

    drawn: Tensor
    source: Tensor
    conditions: list[Tensor]
    ids: Tensor

    @classmethod
    def of(cls, samples: list[Sample], standing: Standing) -> Lesson:
        def tensor(pictures: list[Picture]) -> Tensor:
            stack = torch.stack([torch.from_numpy(picture) for picture in pictures]).permute(0, 3, 1, 2)
            return stack.to(standing.checkpoint.device).contiguous(memory_format=torch.channels_last)

        sources = [sample.source for sample in samples]
        return cls(
            tensor([sample.drawn for sample in samples]),
            tensor(sources),
            [tensor([read(source) for source in sources]) for read in standing.conditions],
            tokenize(standing.checkpoint.tokenizer, [sample.caption for sample in samples]),
        )


class Learner(nn.Module):
    """The networks of a checkpoint with a LoRA over them; ControlNets hold it as they do when frames are drawn."""

    def __init__(self, standing: Standing) -> None:
        super().__init__()
        checkpoint = standing.checkpoint
        self.unet = checkpoint.unet
        self.text_encoder = checkpoint.text_encoder
        keys = [control.model or control.condition for control in standing.controls]
        self.nets = nn.ModuleList(checkpoint.controlnets[key] for key in keys)
        throughout = {
            "start": 0.0,
            "end": 1.0,
        }  # a lesson is one moment, and says nothing of the run around it
        self.controls = [control.model_copy(update=throughout) for control in standing.controls]
        self.clip_skip = standing.pack.style.clip_skip

    def forward(self, noisy: Tensor, times: Tensor, ids: Tensor, conditions: list[Tensor]) -> Tensor:
        """The network's guess for (N, C, h, w) latents at (N,) timesteps, by the checkpoint's prediction type."""
        prompt = Prompt(embed(self.text_encoder, ids, self.clip_skip), None, 1.0)
        holds = [
            ControlNetInput(net, picture, control)
            for net, picture, control in zip(self.nets, conditions, self.controls, strict=True)
        ]
        return guess(self.unet, noisy, times, prompt, holds, 0.0)


def latents_of(standing: Standing, pixels: Tensor) -> Tensor:
    with torch.no_grad():
        return sampling.encode(standing.checkpoint.vae, pixels)
