"""The weights that a training begins with: of a finished training, or of a checkpoint as it is shipped."""

from __future__ import annotations

from pathlib import Path

from safetensors.torch import load_file
from torch import Tensor

from stylize.errors import ModelError, UsageError
from training.base.drawing_model import DrawingModel
from training.base.state import STATE_FILE, read_averages

UNET_FILE = "diffusion_pytorch_model.safetensors"


def begin_from(model: DrawingModel, start: Path, condition: str) -> None:
    """Gives the model the weights in `start`, in place.

    Args:
        start: the folder of a finished training, or a checkpoint in the layout of diffusers.
        condition: of a checkpoint, the ControlNet of this name is taken, or `tile` where it has none of this name.

    Raises:
        UsageError: there is neither in the folder.
        ModelError: the checkpoint's networks have other sizes.
    """
    if (start / STATE_FILE).exists():
        model.load_state_dict(read_averages(start / STATE_FILE).weights)
        return
    if not (start / "model_index.json").exists():
        raise UsageError(
            "There is neither a training nor a checkpoint here.",
            where=start,
            hint="finish `stylize train base` first, or name the folder of a checkpoint",
        )
    try:
        model.load_state_dict(_checkpoint_weights(model, start, condition))
    except (RuntimeError, OSError) as error:
        raise ModelError(
            "This checkpoint does not fit the networks of the base training.",
            where=start,
            hint="begin from the bundled checkpoint, or from a training with the same sizes",
        ) from error


def _checkpoint_weights(model: DrawingModel, folder: Path, condition: str) -> dict[str, Tensor]:
    """The weights of UNet, ControlNet and text encoder by the model's names, float32."""
    net = folder / "controlnet" / condition
    if not net.exists():
        net = folder / "controlnet" / "tile"
    files = {
        "unet": folder / "unet" / UNET_FILE,
        "controlnet": net / UNET_FILE,
        "text_encoder": folder / "text_encoder" / "model.safetensors",
    }
    found = {
        f"{part}.{name}": value.float()
        for part, file in files.items()
        for name, value in load_file(file).items()
    }
    return {
        name: found[_in_file(name, found)] for name in model.state_dict() if _in_file(name, found) in found
    }


def _in_file(name: str, found: dict[str, Tensor]) -> str:
    """A weight's name in the files: transformers' text encoders have `text_model.` in it or not, by version."""
    longer = name.replace("text_encoder.", "text_encoder.text_model.", 1)
    shorter = name.replace("text_encoder.text_model.", "text_encoder.", 1)
    return next((each for each in (name, longer, shorter) if each in found), name)
