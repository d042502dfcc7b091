"""The AIMET package, which quantizes networks: imported when it is needed, without its log messages."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from stylize.errors import MissingPart
from stylize.system.dependencies import install_hint


def needs_aimet() -> Any:
    """Imports AIMET and returns the package.

    Raises:
        MissingPart: it is not installed.
    """
    try:
        with quiet():
            import aimet_torch
            import aimet_torch.onnx
    except ModuleNotFoundError as error:
        raise MissingPart(
            f"Quantization needs a package that is not here: {error.name}.",
            hint=install_hint("edge"),
        ) from error
    return aimet_torch


@contextmanager
def quiet() -> Iterator[None]:
    """Silences what AIMET and torch's exporter log and warn: messages about their own insides, errors excepted."""
    levels = {}
    for name in ("Quant", "Utils", "ConnectedGraph", "Torch", "aimet", "torch.onnx"):
        levels[name] = logging.getLogger(name).level
        logging.getLogger(name).setLevel(logging.CRITICAL)
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
