"""Pairs of one scene, photographed and drawn, to learn drawing from."""

from .attributes import LINES, PALETTES, TONES, Attributes
from .compose import Pair, render_pair

__all__ = ["LINES", "PALETTES", "TONES", "Attributes", "Pair", "render_pair"]
