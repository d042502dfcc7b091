"""LoRAs of every common make: recognised, brought into diffusers' form, checked against the checkpoint, laid on."""

from stylize.diffusion.lora.load import load_loras

__all__ = ["load_loras"]
