"""Drawings that came out of a network as no numbers are refused before they are stored as black."""

from __future__ import annotations

import numpy as np

from stylize.errors import ModelError
from stylize.footage.clip import Pixels


def check_finite(picture: Pixels, index: int, checkpoint: str, more: str = "") -> None:
    """Looks at the drawing of frame `index`.

    Args:
        more: a further way out, for the hint.

    Raises:
        ModelError: it holds what is no number.
    """
    if not np.isfinite(picture).all():
        raise ModelError(
            f"Frame {index} came out of the network as no numbers (NaN).",
            where=checkpoint,
            hint=f"it leaves the range of this precision: use --precision bf16 or fp32{more}",
        )
