"""The attributes of a drawing that a prompt can ask for, and their words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

PALETTES = ("neutral", "warm", "cool", "pastel", "night")
LINES = ("thin", "medium", "thick")
TONES = ("two", "three")
BACKGROUNDS = ("flat", "painted")

PLAIN_SHARE = 0.4
"""Share of drawings with a neutral palette and medium lines, so that the prompt "anime" alone is well learnt."""


@dataclass(frozen=True)
class Attributes:
    """How one drawing is made.

    Attributes:
        palette: one of `PALETTES`; "neutral" returns the photograph's own colours.
        lines: one of `LINES`, the weight of the ink.
        tones: one of `TONES`, the number of flat tones of a lit surface.
        background: one of `BACKGROUNDS`: what is far away in flat tones, or with soft light and shade.

    Raises:
        ValueError: a word that is not in the vocabulary.
    """

    palette: str = "neutral"
    lines: str = "medium"
    tones: str = "two"
    background: str = "flat"

    def __post_init__(self) -> None:
        for name, value, known in (
            ("palette", self.palette, PALETTES),
            ("lines", self.lines, LINES),
            ("tones", self.tones, TONES),
            ("background", self.background, BACKGROUNDS),
        ):
            if value not in known:
                raise ValueError(f"{name} must be one of {', '.join(known)}, not {value!r}.")

    def phrases(self) -> tuple[str, str, str, str]:
        """The words of a prompt, a phrase for each attribute."""
        return (
            f"{self.palette} palette",
            f"{self.lines} lines",
            f"{self.tones} tone shading",
            f"{self.background} background",
        )

    def caption(self) -> str:
        """The whole prompt: "anime, neutral palette, medium lines, two tone shading, flat background"."""
        return ", ".join(("anime", *self.phrases()))

    @classmethod
    def draw(cls, rng: np.random.Generator) -> Attributes:
        """Random attributes: for `PLAIN_SHARE` of draws the default ones but for `tones`, otherwise any."""
        tones = TONES[int(rng.random() < 0.35)]
        if rng.random() < PLAIN_SHARE:
            return cls(tones=tones)
        background = BACKGROUNDS[int(rng.random() < 0.35)]
        return cls(str(rng.choice(PALETTES)), str(rng.choice(LINES)), tones, background)
