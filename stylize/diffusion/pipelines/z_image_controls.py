"""ControlNets of Z-Image in one file, as they are published: their shape is read from the weights."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stylize.diffusion.loading import explained, quiet
from stylize.diffusion.single_file.header import read_header
from stylize.errors import ModelError

PICTURE = "control_all_x_embedder.2-1.weight"
PATCH = 2
REFINER = "control_noise_refiner."


def load_z_image_controlnet(file: Path, transformer: Any, dtype: Any) -> Any:
    """Loads a ControlNet from one file. Source: alibaba-pai's Z-Image-Turbo-Fun-Controlnet-Union, 1.0 to 2.1.

    Args:
        transformer: the one that it steers.

    Raises:
        ModelError: the file is no such ControlNet, or is for another transformer.
    """
    import torch
    from diffusers import ZImageControlNetModel
    from safetensors import safe_open

    shapes = read_header(file).shapes
    config = _config(shapes, transformer.config, file)
    with explained(str(file)), quiet(), torch.device("meta"):
        net: Any = ZImageControlNetModel(**config)
    with safe_open(file, "pt") as opened:
        for name, own in net.state_dict().items():
            if shapes.get(name) != tuple(own.shape):
                raise ModelError(
                    f"This ControlNet does not fit this checkpoint: {name} is {shapes.get(name, 'missing')}, where "
                    f"{tuple(own.shape)} is wanted.",
                    where=file,
                )
        weights = {name: opened.get_tensor(name).to(dtype) for name in net.state_dict()}
    net.load_state_dict(weights, assign=True)
    return net.requires_grad_(False).eval()


def _config(shapes: Mapping[str, tuple[int, ...]], steered: Any, file: Path) -> dict[str, Any]:
    """The shape of a ControlNet; it acts at evenly spaced layers of the transformer, from the first on."""
    layers = len({name.split(".")[1] for name in shapes if name.startswith("control_layers.")})
    picture = shapes.get(PICTURE, ())
    if not layers or layers > steered.n_layers or len(picture) != 2:
        raise ModelError("This file is no ControlNet for Z-Image.", where=file)
    step = steered.n_layers // layers
    refiner = _refiner(shapes)
    return {
        "control_layers_places": list(range(0, layers * step, step)),
        "control_refiner_layers_places": list(range(steered.n_refiner_layers)) if refiner else None,
        "control_in_dim": picture[1] // PATCH**2,
        "add_control_noise_refiner": refiner,
        "dim": picture[0],
        "n_refiner_layers": steered.n_refiner_layers,
        "n_heads": steered.n_heads,
        "n_kv_heads": steered.n_kv_heads,
        "norm_eps": steered.norm_eps,
        "qk_norm": steered.qk_norm,
    }


def _refiner(shapes: Mapping[str, tuple[int, ...]]) -> str | None:
    """What steers the transformer's first layers: nothing (version 1), the control layers themselves (2.0), or
    layers of its own (2.1)."""
    if f"{REFINER}0.after_proj.weight" in shapes:
        return "control_noise_refiner"
    return None if f"{REFINER}0.attention.to_q.weight" in shapes else "control_layers"
