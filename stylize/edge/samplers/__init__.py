"""Samplers in numpy: a scheduler's noise schedule, and the solvers that denoise along it."""

from stylize.edge.samplers.choose import make_sampler
from stylize.edge.samplers.noise_schedule import NoiseSchedule
from stylize.edge.samplers.solvers import Sampler

__all__ = ["NoiseSchedule", "Sampler", "make_sampler"]
