"""ControlNets: loaded in every common form, and run together."""

from stylize.diffusion.controlnets.inputs import ControlNetInput
from stylize.diffusion.controlnets.load import load_controlnet

__all__ = ["ControlNetInput", "load_controlnet"]
