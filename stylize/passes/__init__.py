"""The passes a frame goes through, each of which can be run alone, resumed and farmed."""

from stylize.passes.backdrop import BackdropPass
from stylize.passes.base import Inputs, Pass
from stylize.passes.cel import CelPass
from stylize.passes.comp import CompPass
from stylize.passes.finish import FinishPass
from stylize.passes.glide import GlidePass
from stylize.passes.matte import MattePass, SubjectPass
from stylize.passes.repair import RepairPass
from stylize.passes.steady import SteadyPass
from stylize.passes.style import StylePass

__all__ = [
    "BackdropPass",
    "CelPass",
    "CompPass",
    "FinishPass",
    "GlidePass",
    "Inputs",
    "MattePass",
    "Pass",
    "RepairPass",
    "SteadyPass",
    "StylePass",
    "SubjectPass",
]
