"""The source beside the result."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from stylize.errors import OutputError
from stylize.footage.clip import Pixels
from stylize.store import commit


def write_pair(source: Pixels, result: Pixels, out: Path) -> Path:
    """Writes source and result next to each other as an 8-bit PNG."""
    both = np.concatenate([source, result], axis=1)[..., ::-1]
    done, coded = cv2.imencode(".png", np.rint(np.clip(both, 0, 1) * 255).astype(np.uint8))
    if not done:
        raise OutputError("The picture could not be coded as PNG.", where=out)
    commit(out, coded.tobytes())
    return out
