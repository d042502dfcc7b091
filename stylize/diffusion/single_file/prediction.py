"""What a single file's network predicts, and whether it was trained down to pure noise."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from stylize.diffusion.families.base import Family
from stylize.diffusion.single_file.header import Header
from stylize.errors import ModelError
from stylize.system.documents import DocumentError, read_bytes

VELOCITY_WORDS = ("v", "v_prediction", "v-prediction", "vpred", "velocity")


def scheduler_config(header: Header, family: Family, file: Path) -> tuple[str, dict[str, Any]]:
    """The class and settings of the scheduler, as the file's marks say, else as its family's.

    Marks are the empty tensors `v_pred` and `ztsnr` (NoobAI and what is made from it), `modelspec.prediction_type`
    in the metadata, and `parameterization` in a .yaml file of the same name beside it, as web UIs read it.

    Raises:
        ModelError: the .yaml file cannot be read.
    """
    name, settings = family.scheduler
    config = dict(settings)
    told = str(header.metadata.get("modelspec.prediction_type", "")).lower()
    sidecar = _parameterization(file.with_suffix(".yaml"))
    if "v_pred" in header.shapes or told in VELOCITY_WORDS or sidecar in VELOCITY_WORDS:
        config["prediction_type"] = "v_prediction"
    elif told in ("epsilon", "eps") or sidecar in ("epsilon", "eps"):
        config["prediction_type"] = "epsilon"
    if "ztsnr" in header.shapes:
        config |= {"rescale_betas_zero_snr": True, "timestep_spacing": "trailing"}
    return name, config


def side_px(header: Header, family: Family) -> int:
    """The side of the squares that it was trained on, px: as the metadata say, else as the family's."""
    found = re.match(r"(\d+)x(\d+)$", str(header.metadata.get("modelspec.resolution", "")))
    return min(int(found[1]), int(found[2])) if found else family.short_side


def _parameterization(sidecar: Path) -> str | None:
    if not sidecar.is_file():
        return None
    try:
        text = read_bytes(sidecar).decode("utf-8", "replace")
    except DocumentError as error:
        raise ModelError(
            f"The settings beside this checkpoint {error}.", where=sidecar, hint="move them away"
        ) from error
    found = re.search(r"^\s*parameterization:\s*[\"']?([\w-]+)", text, re.M)
    return found[1].lower() if found else None
