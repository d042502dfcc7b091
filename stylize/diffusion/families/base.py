"""What all checkpoints of a family have in common, and their files do not say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class KnownFamily:
    """A family of checkpoints that is drawn with here.

    Attributes:
        name: as `--help`, styles and messages say it.
        title: its full name.
        about: what it is for, in a line.
        short_side: the side of the squares that it was trained on, px.
        many_shapes: whether it was trained on pictures of that area in other shapes as well.
        weights, texts: billions of weights in the published checkpoint: of what draws, and of the text encoders.
        licence: of the published checkpoint; those that others made from it have licences of their own.
    """

    name: str
    title: str
    about: str
    short_side: int
    many_shapes: bool
    weights: float
    texts: float
    licence: str

    @property
    def published_bytes(self) -> int:
        """Bytes of the published weights, two for each; what encodes and decodes pictures not counted."""
        return round(2e9 * (self.weights + self.texts))


@dataclass(frozen=True)
class Family(KnownFamily):
    """A family of checkpoints that one loop of denoising draws with.

    Attributes:
        heads: from a block's channels to its attention heads.
        vae_scale: what latents are multiplied by.
        vae_overflows: whether its autoencoder leaves the range of fp16.
        text_prefixes: of its text encoders in a single file.
        quick_gelu: for each text encoder, whether it computes GELU by the sigmoid.
        scheduler: the class and settings of its own scheduler.
    """

    heads: Callable[[int], int]
    vae_scale: float
    vae_overflows: bool
    text_prefixes: tuple[str, ...]
    quick_gelu: tuple[bool, ...]
    scheduler: tuple[str, Mapping[str, Any]]

    @property
    def two_text_encoders(self) -> bool:
        return len(self.text_prefixes) == 2


NOISE: Mapping[str, Any] = {
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "num_train_timesteps": 1000,
    "steps_offset": 1,
    "timestep_spacing": "leading",
    "prediction_type": "epsilon",
}
"""The noise that all of these families were trained with."""


def by_width(channels: int) -> int:
    """Heads of 64 channels."""
    return max(1, channels // 64)
