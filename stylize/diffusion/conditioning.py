"""What a prediction is conditioned on, in torch and in the edge runtime alike: embeddings and ControlNets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

ArrayT = TypeVar("ArrayT")
ControlNetT = TypeVar("ControlNetT")


@dataclass(frozen=True)
class PromptEmbeddings(Generic[ArrayT]):
    """The prompt's embedding `cond`, and the negative prompt's `uncond`, (1, L, D); None where nothing is guided.

    `guidance` is the scale of classifier-free guidance; 1 is off.
    """

    cond: ArrayT
    uncond: ArrayT | None
    guidance: float


@dataclass(frozen=True)
class Conditioning(Generic[ArrayT, ControlNetT]):
    """The prompt, and the ControlNets with what each was given for the frames at hand."""

    prompt: PromptEmbeddings[ArrayT]
    controlnets: tuple[ControlNetT, ...]
