"""LoRAs in every common format: recognised, converted to diffusers' names, checked, added into the weights."""

from stylize.diffusion.lora.load import load_loras

__all__ = ["load_loras"]
