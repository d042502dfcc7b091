"""Painted frames, carried through their shot by the motion of the photographed ones: arrays in, arrays out."""

from deflicker.keyframes.carrier import Frame, Key, carry_keys, span_of
from deflicker.keyframes.settings import CarrySettings

__all__ = ["CarrySettings", "Frame", "Key", "carry_keys", "span_of"]
