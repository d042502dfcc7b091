"""The passes a frame goes through, each of which can be run alone, resumed and farmed."""

from stylize.passes.base import Inputs, Pass
from stylize.passes.cel import CelPass
from stylize.passes.finish import FinishPass
from stylize.passes.glide import GlidePass
from stylize.passes.steady import SteadyPass
from stylize.passes.style import StylePass

__all__ = ["CelPass", "FinishPass", "GlidePass", "Inputs", "Pass", "SteadyPass", "StylePass"]
