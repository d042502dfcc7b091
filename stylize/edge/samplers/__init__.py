"""Samplers in numpy: the noise levels of a checkpoint's scheduler, and the solvers that walk down them."""

from stylize.edge.samplers.choose import make_sampler
from stylize.edge.samplers.levels import Levels
from stylize.edge.samplers.solvers import Sampler

__all__ = ["Levels", "Sampler", "make_sampler"]
