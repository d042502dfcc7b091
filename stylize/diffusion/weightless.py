"""A checkpoint's networks without memory for their weights: to count what drawing with them takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from stylize.diffusion.families import family_of_file
from stylize.diffusion.folder import read_config, read_index
from stylize.diffusion.live_bytes import peak_bytes
from stylize.diffusion.loading import quiet
from stylize.diffusion.part_classes import part_class
from stylize.diffusion.single_file import vae as vae_names
from stylize.diffusion.single_file.header import read_header
from stylize.diffusion.single_file.unet_config import unet_config

TIME_IDS = 6


@dataclass(frozen=True)
class WeightlessNetworks:
    """The UNet and the autoencoder on the meta device."""

    unet: Any
    vae: Any

    def calls(self, width: int, height: int, frames: int, controlnets: int) -> dict[str, Callable[[], Any]]:
        """What a drawing calls: `encoder`, `unet`, `controlnet` and `decoder`, with inputs of a batch's size.

        Args:
            width, height: of the frames, px, multiples of the networks' grid.
            controlnets: how many there are; without any there is no such call.
        """
        dtype = self.unet.dtype
        scale = 2 ** (len(self.vae.config.block_out_channels) - 1)
        options: dict[str, Any] = {"dtype": dtype, "device": "meta"}
        pixels = torch.zeros(frames, 3, height, width, **options)
        latents = torch.zeros(
            frames, self.unet.config.out_channels, height // scale, width // scale, **options
        )
        words = torch.zeros(frames, 77, self.unet.config.cross_attention_dim, **options)
        time = torch.zeros((), device="meta")
        beside: dict[str, Any] = {}
        if self.unet.config.addition_embed_type == "text_time":
            embedded = TIME_IDS * self.unet.config.addition_time_embed_dim
            pooled = self.unet.config.projection_class_embeddings_input_dim - embedded
            beside["added_cond_kwargs"] = {
                "text_embeds": torch.zeros(frames, pooled, **options),
                "time_ids": torch.zeros(frames, TIME_IDS, **options),
            }
        calls: dict[str, Callable[[], Any]] = {
            "encoder": lambda: self.vae.encode(pixels, return_dict=False),
            "unet": lambda: self.unet(latents, time, words, return_dict=False, **beside),
            "decoder": lambda: self.vae.decode(latents, return_dict=False),
        }
        if controlnets:
            net = _controlnet(self.unet)
            picture = torch.zeros(frames, 3, (height // scale) * 8, (width // scale) * 8, **options)
            calls["controlnet"] = lambda: net(latents, time, words, picture, return_dict=False, **beside)
        return calls

    def weights_bytes(self) -> int:
        return sum(each.nbytes for part in (self.unet, self.vae) for each in part.parameters())

    def controlnet_bytes(self) -> int:
        """Of the weights of a ControlNet of one condition."""
        return sum(each.nbytes for each in _controlnet(self.unet).parameters())


def read_weightless(place: Path, dtype: torch.dtype) -> WeightlessNetworks | None:
    """The networks of a folder or single file; None where the configuration is not at hand (on the hub)."""
    from diffusers import AutoencoderKL, UNet2DConditionModel

    with torch.device("meta"), quiet():
        if place.is_file():
            header = read_header(place)
            family = family_of_file(header.shapes, place)
            unet = UNet2DConditionModel.from_config(
                unet_config(_of(header.shapes, "model.diffusion_model."), family)
            )
            shapes = _of(header.shapes, "first_stage_model.")
            vae = AutoencoderKL.from_config(
                vae_names.vae_config(shapes, family.vae_scale, family.vae_overflows)
            )
        elif (place / "unet" / "config.json").is_file():
            unet = UNet2DConditionModel.from_config(read_config(place, "unet"))
            vae = _vae_class(place).from_config(read_config(place, "vae"))
        else:
            return None
        return WeightlessNetworks(unet.to(dtype).eval(), vae.to(dtype).eval())


def decoder_bytes(folder: Path, width: int, height: int, dtype: torch.dtype, latents: int = 2) -> int:
    """Bytes of values at the peak of decoding one picture, or a few frames of a shot, with a folder's autoencoder.

    Args:
        width, height: px, multiples of what its latents span.
        latents: how many latents along time an autoencoder of videos decodes together.
    """
    import inspect

    with torch.device("meta"), quiet():
        vae = _vae_class(folder).from_config(read_config(folder, "vae")).to(dtype).eval()
    config = vae.config
    channels = config.get("latent_channels") or config["z_dim"]
    levels = config.get("block_out_channels") or config["dim_mult"]
    scale = getattr(vae, "spatial_compression_ratio", None) or 2 ** (len(levels) - 1)
    of_videos = {"z_dim", "temporal_compression_ratio"} & set(
        inspect.signature(type(vae).__init__).parameters
    )
    frames = (latents,) if of_videos else ()
    shape = (1, channels, *frames, height // scale, width // scale)
    coded = torch.zeros(shape, dtype=dtype, device="meta")
    return peak_bytes(lambda: vae.decode(coded, return_dict=False))


def count_flop(call: Callable[[], Any]) -> int:
    """Floating-point operations of a call of `WeightlessNetworks.calls`."""
    from torch.utils.flop_counter import FlopCounterMode

    with torch.inference_mode(), FlopCounterMode(display=False) as counted:
        call()
    return int(counted.get_total_flops())


def activation_bytes(calls: dict[str, Callable[[], Any]]) -> int:
    """Bytes of values at the peak of the hungriest call, beside the weights."""
    return max(peak_bytes(call) for call in calls.values())


def _controlnet(unet: Any) -> Any:
    from diffusers import ControlNetModel

    with torch.device("meta"), quiet():
        return ControlNetModel.from_unet(unet, load_weights_from_unet=False).to(unet.dtype).eval()


def _vae_class(folder: Path) -> Any:
    library, kind = read_index(folder).get("vae") or ("diffusers", "AutoencoderKL")
    return part_class(folder, "vae", library, kind)


def _of(shapes: dict[str, tuple[int, ...]], prefix: str) -> dict[str, tuple[int, ...]]:
    return {name[len(prefix) :]: shape for name, shape in shapes.items() if name.startswith(prefix)}
