"""Conditions by networks of controlnet-aux, whose weights are downloaded or given in a folder."""

from __future__ import annotations

import functools
import inspect
import os
import warnings
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from stylize.diffusion.conditions import _controlnet_aux
from stylize.diffusion.conditions.names import ANNOTATORS, REPOSITORY
from stylize.errors import MissingPart
from stylize.footage.clip import Pixels


def load(name: str, device: Any, offline: bool, weights: Path | None) -> Any:
    """The annotator of that name as a condition."""
    kind = getattr(_controlnet_aux.package(), ANNOTATORS[name])
    # Some of these weights are pickles: torch must read them as tensors and nothing else, whatever its default.
    os.environ["TORCH_FORCE_WEIGHTS_ONLY_LOAD"] = "1"
    try:
        annotator = kind.from_pretrained(str(weights or _fetched(offline)))
    except Exception as error:  # the hub's client, torch and the file system each raise their own
        raise MissingPart(
            f"The weights for the condition {name!r} are not on this machine.",
            where=weights or REPOSITORY,
            hint=f"run once with the network, or put them in a folder and name it: --annotators FOLDER ({error})"[
                :400
            ],
        ) from error
    return functools.partial(run_annotator, annotator.to(device))


def _fetched(offline: bool) -> str:
    """The hub's name of the weights; offline the folder where they lie, since not every annotator takes a flag."""
    if not offline:
        return REPOSITORY
    from huggingface_hub import snapshot_download

    return str(snapshot_download(REPOSITORY, local_files_only=True))


def run_annotator(annotator: Any, plate: Pixels) -> Pixels:
    """Runs one of controlnet-aux's detectors at the plate's own size."""
    height, width = plate.shape[:2]
    levels = np.rint(np.clip(plate, 0, 1) * 255).astype(np.uint8)
    side = min(height, width)
    sizes = {"detect_resolution": side, "image_resolution": side}
    taken = inspect.signature(annotator.__call__).parameters
    with warnings.catch_warnings():  # a picture without a line has no line's median, which changes nothing
        warnings.filterwarnings("ignore", "Mean of empty slice|invalid value", RuntimeWarning)
        seen = annotator(
            levels, output_type="np", **{name: px for name, px in sizes.items() if name in taken}
        )
    seen = cv2.resize(np.asarray(seen), (width, height), interpolation=cv2.INTER_LINEAR)
    if seen.ndim == 2:
        seen = np.repeat(seen[..., None], 3, axis=2)
    return seen.astype(np.float32) / 255
