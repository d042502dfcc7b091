"""IP-Adapters: Stable Diffusion is shown pictures beside the frame, to keep a style or a character."""

from stylize.diffusion.ip_adapter.adapter import load_ip_adapter
from stylize.diffusion.ip_adapter.look import embed_references

__all__ = ["embed_references", "load_ip_adapter"]
