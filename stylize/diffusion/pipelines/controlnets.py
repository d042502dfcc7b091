"""ControlNets of the families that diffusers' pipelines draw with."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from stylize.config.style import Control
from stylize.diffusion.families import PipelineFamily
from stylize.diffusion.folder import weight_options
from stylize.diffusion.hub import hub_folder
from stylize.diffusion.loading import PICKLES, REFUSAL, explained, quiet
from stylize.diffusion.pipelines.z_image_controls import load_z_image_controlnet
from stylize.errors import ModelError, UsageError
from stylize.system.documents import DocumentError, read_json

MODES = {"canny": 0, "tile": 1, "depth": 2, "pose": 4}
"""Numbers of conditions in a union for Flux. Source: InstantX/FLUX.1-dev-Controlnet-Union."""


def load_controlnets(
    family: PipelineFamily, controls: Sequence[Control], transformer: Any, dtype: Any, offline: bool
) -> list[Any]:
    """The networks of the controls, one each; a file that several name is loaded once.

    Args:
        transformer: the network that they steer.

    Raises:
        UsageError: the family takes none. ModelError: one is of another family.
    """
    check_controls(family, controls)
    if family.condition:
        return []
    loaded: dict[str, Any] = {}
    for control in controls:
        name = str(control.model)
        if name not in loaded:
            loaded[name] = _load(family, name, transformer, dtype, offline)
        mode_of(loaded[name], control)
    return [loaded[str(control.model)] for control in controls]


def check_controls(family: PipelineFamily, controls: Sequence[Control]) -> None:
    """Raises UsageError where the family takes no ControlNet, or one is not named."""
    if not controls:
        return
    if family.condition:
        if len(controls) > 1 or controls[0].model or (controls[0].start, controls[0].end) != (0, 1):
            raise UsageError(
                f"{family.title} follows one condition, in every step and without a ControlNet of its own.",
                hint=f"name one: --control {controls[0].condition}",
            )
        return
    if family.controlled is None:
        raise UsageError(
            f"{family.title} is drawn without ControlNets here.",
            hint="leave --control out: it sees the frame itself",
        )
    if not family.control_steps and (len(controls) > 1 or (controls[0].start, controls[0].end) != (0, 1)):
        raise UsageError(
            f"{family.title} follows one ControlNet, in every step.",
            hint=f"name one: --control {controls[0].condition}@{controls[0].model or 'MODEL'}",
        )
    for control in controls:
        if control.model is None:
            raise UsageError(
                f"No ControlNet comes with {family.title}.",
                hint=f"name one: --control {control.condition}@FOLDER",
            )


def control_arguments(
    family: PipelineFamily, nets: Sequence[Any], controls: Sequence[Control], pictures: Sequence[Any]
) -> dict[str, Any]:
    """What a pipeline's call is given of the ControlNets.

    Args:
        pictures: what each is given for the frame, (1, 3, H, W) in [0, 1].
    """
    modes = [mode_of(net, control) for net, control in zip(nets, controls, strict=True)]
    given: dict[str, list[Any]] = {
        "control_image": list(pictures),
        "controlnet_conditioning_scale": [control.weight for control in controls],
    }
    if family.control_steps:
        given["control_guidance_start"] = [control.start for control in controls]
        given["control_guidance_end"] = [control.end for control in controls]
    if any(mode is not None for mode in modes) or (len(nets) > 1 and hasattr(nets[0].config, "num_mode")):
        given["control_mode"] = modes
    return {name: values[0] for name, values in given.items()} if len(controls) == 1 else dict(given)


def mode_of(net: Any, control: Control) -> int | None:
    """The number of a condition in a union; None for other ControlNets.

    Raises:
        UsageError: the union has no such condition.
    """
    if getattr(net.config, "num_mode", None) is None:
        return None
    if control.condition not in MODES:
        raise UsageError(
            f"A union for Flux has no condition {control.condition!r}.",
            where=control.model,
            hint=f"it has: {', '.join(MODES)}",
        )
    return MODES[control.condition]


def _load(family: PipelineFamily, name: str, transformer: Any, dtype: Any, offline: bool) -> Any:
    import diffusers

    path = Path(name).expanduser()
    if path.suffix.lower() in PICKLES:
        raise UsageError(f"A {path.suffix} file is not loaded: {REFUSAL}.", where=name)
    if path.is_file() and family.name == "z-image":
        return load_z_image_controlnet(path, transformer, dtype)
    if path.is_file() or path.suffix == ".safetensors":
        raise UsageError(
            f"ControlNets for {family.title} are loaded from folders: a file does not say their shape.",
            where=name,
            hint="name the folder with config.json and the weights",
        )
    folder = path if path.is_dir() else hub_folder(name, ("config.json", "*.safetensors"), offline)
    try:
        kind = str(dict(read_json(folder / "config.json")).get("_class_name"))
    except (DocumentError, ValueError, TypeError) as error:
        raise ModelError("This ControlNet has no readable configuration.", where=folder) from error
    if kind != family.control_net:
        raise ModelError(
            f"This ControlNet is for another family: it is a {kind}, and {family.title} takes a "
            f"{family.control_net}.",
            where=name,
        )
    with explained(name), quiet(), warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # diffusers' own, of an import within diffusers
        net = getattr(diffusers, kind).from_pretrained(
            folder, local_files_only=True, **weight_options(folder, dtype)
        )
    return net.requires_grad_(False).eval()
