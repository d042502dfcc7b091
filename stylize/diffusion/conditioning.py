"""What a prediction is conditioned on, in torch and in the edge runtime alike: embeddings and ControlNets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

ArrayT = TypeVar("ArrayT")
ControlNetT = TypeVar("ControlNetT")


@dataclass(frozen=True)
class PromptEmbeddings(Generic[ArrayT]):
    """The prompt's embedding `cond`, and the negative prompt's `uncond`, (1, L, D); None where nothing is guided.

    `guidance` is the scale of classifier-free guidance; 1 is off. `pooled_cond` and `pooled_uncond` (1, P) stand
    for the whole of a prompt, in families that are given it beside the words (Stable Diffusion XL). `images_cond`
    and `images_uncond` are what an IP-Adapter is given of the references, and of no picture.
    """

    cond: ArrayT
    uncond: ArrayT | None
    guidance: float
    pooled_cond: ArrayT | None = None
    pooled_uncond: ArrayT | None = None
    images_cond: ArrayT | None = None
    images_uncond: ArrayT | None = None


@dataclass(frozen=True)
class Conditioning(Generic[ArrayT, ControlNetT]):
    """The prompt, the ControlNets with what each was given for the frames at hand, and the frames' size.

    `size` is (height, width), px, for families that are told it; None for those that are not.
    """

    prompt: PromptEmbeddings[ArrayT]
    controlnets: tuple[ControlNetT, ...]
    size: tuple[int, int] | None = None
