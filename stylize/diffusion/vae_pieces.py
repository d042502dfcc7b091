"""An autoencoder that works piece by piece, where memory does not hold a batch, or a picture, as a whole."""

from __future__ import annotations

from typing import Any, Literal

Pieces = Literal["slices", "tiles"]
"""`slices`: one picture of a batch after another. `tiles`: these, and each in tiles that fade over each other; a
tile does not see the rest of the picture, so that it differs a little from the whole."""
TILE_PX = 512


def cut_up(vae: Any, pieces: Pieces | None) -> None:
    """Makes an autoencoder of diffusers work in pieces; one that has no network to speak of is left as it is."""
    if pieces is None or not hasattr(vae, "enable_slicing"):
        return
    vae.enable_slicing()
    if pieces == "tiles" and hasattr(vae, "enable_tiling"):
        vae.enable_tiling()
        if hasattr(
            vae, "tile_latent_min_size"
        ):  # autoencoders of pictures; of videos, their own tiles are kept
            vae.tile_sample_min_size = TILE_PX
            vae.tile_latent_min_size = TILE_PX // 2 ** (len(vae.config.block_out_channels) - 1)
