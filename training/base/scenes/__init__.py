"""Renders random scenes twice, as a photograph and as a drawing: the first source of training pairs."""

from training.base.attributes import BACKGROUNDS, LINES, PALETTES, TONES, Attributes

from .render import Pair, render_cels, render_pair

__all__ = ["BACKGROUNDS", "LINES", "PALETTES", "TONES", "Attributes", "Pair", "render_cels", "render_pair"]
