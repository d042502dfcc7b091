"""Drawings that came out of a network as no numbers are refused before they are stored as black."""

from __future__ import annotations

import numpy as np

from stylize.errors import ModelError
from stylize.footage.clip import Pixels

OTHER_PRECISION = "it leaves the range of this precision: use --precision bf16 or fp32"


def check_finite(picture: Pixels, index: int, checkpoint: str, hint: str = OTHER_PRECISION) -> None:
    """Looks at the drawing of frame `index`.

    Args:
        hint: what can be done about it.

    Raises:
        ModelError: it holds what is no number.
    """
    if not np.isfinite(picture).all():
        raise ModelError(
            f"Frame {index} came out of the network as no numbers (NaN).",
            where=checkpoint,
            hint=hint,
        )
