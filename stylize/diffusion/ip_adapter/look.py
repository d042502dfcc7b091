"""What an image encoder says of the pictures that an IP-Adapter is shown."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from stylize.diffusion.folder import weight_options
from stylize.diffusion.loading import explained, quiet
from stylize.footage.clip import Pixels


@torch.inference_mode()
def embed_references(
    pictures: Sequence[Pixels], encoder: Path, of_patches: bool, device: Any, dtype: Any
) -> tuple[Tensor, Tensor]:
    """Embeds pictures, and what stands for no picture; the encoder is let go again.

    The middle square of a picture is looked at, at the encoder's own size.

    Args:
        pictures: (H, W, 3) float32 RGB in [0, 1].
        encoder: the folder of a CLIP image encoder.
        of_patches: of every patch, from the layer before the last; else of the whole picture.

    Returns:
        Two tensors, (1, N, P, D) or (1, N, D), for N pictures.

    Raises:
        ModelError: the encoder cannot be loaded.
    """
    from transformers import CLIPImageProcessor, CLIPVisionModelWithProjection

    with explained(str(encoder)), quiet():
        network: Any = CLIPVisionModelWithProjection.from_pretrained(
            encoder, local_files_only=True, **weight_options(encoder, dtype)
        )
        network.eval().to(device)
        side = network.config.image_size
        files = [Image.fromarray(np.rint(np.clip(each, 0, 1) * 255).astype(np.uint8)) for each in pictures]
        seen = CLIPImageProcessor(size=side, crop_size=side)(files, return_tensors="pt").pixel_values
    seen = seen.to(device, dtype)
    if not of_patches:
        shown = network(seen).image_embeds
        return shown[None], torch.zeros_like(shown)[None]
    shown, nothing = (
        network(each, output_hidden_states=True).hidden_states[-2] for each in (seen, torch.zeros_like(seen))
    )
    return shown[None], nothing[None]
