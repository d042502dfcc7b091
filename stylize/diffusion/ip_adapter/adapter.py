"""Puts an IP-Adapter into a UNet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stylize.diffusion.ip_adapter.layout import ATTENTION, PROJECTION, check_fits, read_layout
from stylize.diffusion.loading import explained, quiet
from stylize.diffusion.single_file.load import read_weights


def load_ip_adapter(unet: Any, file: Path, weight: float) -> None:
    """Adds an adapter's attention to a UNet; from then on it must be given pictures with every prediction.

    Its processors take the place of those of attention to words; attention of other kinds is put in afterwards.

    Args:
        weight: how strongly the pictures count; 0 is as without them.

    Raises:
        UsageError, ModelError: it is not there, can run code, or is for another family.
    """
    check_fits(read_layout(file), unet, file)
    weights = {"image_proj": read_weights(file, PROJECTION), "ip_adapter": read_weights(file, ATTENTION)}
    with explained(str(file)), quiet():
        unet._load_ip_adapter_weights([weights], low_cpu_mem_usage=False)
    for processor in unet.attn_processors.values():
        if hasattr(processor, "scale"):
            processor.scale = [weight]
    unet.encoder_hid_proj.requires_grad_(False).eval()
