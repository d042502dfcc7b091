"""The passes a frame goes through, each of which can be run alone, resumed and farmed."""

from stylize.passes.backdrop import BackdropPass
from stylize.passes.base import PLATE, Inputs, Pass, Pictures
from stylize.passes.carry import CarryPass
from stylize.passes.cel import CelPass
from stylize.passes.comp import CompPass
from stylize.passes.finish import FinishPass
from stylize.passes.foreground import ForegroundPass
from stylize.passes.frame_set import FrameSet
from stylize.passes.glide import GlidePass
from stylize.passes.key import KeyPass
from stylize.passes.keyed_finish import KeyedFinishPass
from stylize.passes.lay_keys import LayKeysPass
from stylize.passes.learnt_parts import LearntPartsPass
from stylize.passes.look import LookPass
from stylize.passes.open_parts import OpenPartsPass
from stylize.passes.plate_comp import PlateCompPass
from stylize.passes.repair import RepairPass
from stylize.passes.shot_style import ShotStylePass
from stylize.passes.steady import SteadyPass
from stylize.passes.style import StylePass

__all__ = [
    "PLATE",
    "BackdropPass",
    "CarryPass",
    "CelPass",
    "CompPass",
    "FinishPass",
    "ForegroundPass",
    "FrameSet",
    "GlidePass",
    "Inputs",
    "KeyPass",
    "KeyedFinishPass",
    "LayKeysPass",
    "LearntPartsPass",
    "LookPass",
    "OpenPartsPass",
    "Pass",
    "Pictures",
    "PlateCompPass",
    "RepairPass",
    "ShotStylePass",
    "SteadyPass",
    "StylePass",
]
