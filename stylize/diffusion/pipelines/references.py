"""Pictures that a model is shown beside the frames."""

from __future__ import annotations

from pathlib import Path

from stylize.errors import FootageError, UsageError
from stylize.footage.clip import Pixels
from stylize.footage.keyframes.painting import read_painting


def read_reference(file: Path) -> Pixels:
    """A picture, (H, W, 3) float32 RGB in [0, 1]; transparent parts are white.

    Raises:
        UsageError, FootageError: it is not there, or no picture.
    """
    if not file.is_file():
        raise UsageError("There is no such reference.", where=file)
    try:
        colour, alpha = read_painting(file)
    except FootageError as error:
        raise FootageError("This reference cannot be read.", where=file, hint=error.hint) from error
    if alpha is not None:
        colour = colour * alpha[..., None] + (1 - alpha[..., None])
    return colour
