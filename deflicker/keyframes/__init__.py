"""Painted frames, carried through their shot by the motion of the photographed ones: arrays in, arrays out.

carry_keys   frames of a shot as its keys show them, and how far they are known
lay_over     what is known over another drawing of the same moment
match        whether a painting lies over a photograph, and how far beside it
"""

from deflicker.keyframes.agree import agreeing_keys
from deflicker.keyframes.carrier import Frame, Key, carry_keys, span_of
from deflicker.keyframes.coverage import GUIDE_HEIGHT, choose, coverages, union
from deflicker.keyframes.lay import lay_over
from deflicker.keyframes.match import Match, likeness, match, shifted
from deflicker.keyframes.palette import Palette
from deflicker.keyframes.settings import CarrySettings

__all__ = [
    "GUIDE_HEIGHT",
    "CarrySettings",
    "Frame",
    "Key",
    "Match",
    "Palette",
    "agreeing_keys",
    "carry_keys",
    "choose",
    "coverages",
    "lay_over",
    "likeness",
    "match",
    "shifted",
    "span_of",
    "union",
]
