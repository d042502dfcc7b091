"""Pairs of one scene, photographed and drawn, to learn drawing from."""

from training.base.attributes import BACKGROUNDS, LINES, PALETTES, TONES, Attributes

from .render import Pair, render_cels, render_pair

__all__ = ["BACKGROUNDS", "LINES", "PALETTES", "TONES", "Attributes", "Pair", "render_cels", "render_pair"]
