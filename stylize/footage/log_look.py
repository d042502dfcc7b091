"""Whether footage looks like log: flat and pale, as cameras write it to be graded (S-Log, V-Log, LogC, N-Log).

No tag tells of it: such files are marked as BT.709, or as nothing. Their black lies well above the lowest code,
what is white on the set far below the highest, and colours lie close together, since light of a wide gamut is
written by a curve that gives every stop the same share of the codes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

LOG_NOTE = (
    "The pictures are flat and pale, as log footage is (S-Log, V-Log, LogC): they are drawn as they are. "
    "If it is log, bring it to BT.709 first with the camera's LUT: "
    "ffmpeg -i IN -vf lut3d=LUT.cube -c:v prores_ks -c:a copy -color_trc bt709 OUT.mov"
)

FEWEST_BITS = 10
"""Log is written in 10 bits or more."""
BLACK, WHITE = 0.03, 0.7
"""Between these parts of the range lies all but the darkest and the brightest hundredth of log's luma: black is
0.035 in S-Log3 and LogC, 0.07 in V-Log, and white paper 0.6."""
PALEST = 0.055
"""How far colours lie from grey in the median over the picture, at most, in parts of the range."""
FLATTEST = 0.08
"""A picture of one tone (a card, a cap on the lens) tells nothing."""


def looks_like_log(pictures: Sequence[Any]) -> bool:
    """Whether all of these `av.VideoFrame`s do; False for RGB, and where there are fewer than ten bits."""
    return bool(pictures) and all(_looks_like_log(picture) for picture in pictures)


def _looks_like_log(picture: Any) -> bool:
    bits = picture.format.components[0].bits
    if picture.format.is_rgb or not FEWEST_BITS <= bits <= 16 or len(picture.planes) < 3:
        return False
    full_range = int(picture.color_range) == 2
    lowest, codes = (0, (1 << bits) - 1) if full_range else (16 << (bits - 8), 219 << (bits - 8))
    luma, *chroma = (_plane(plane, picture.format.is_big_endian) for plane in picture.planes[:3])
    dark, bright = np.percentile((luma.astype(np.float32) - lowest) / codes, (1, 99))
    if dark < BLACK or bright > WHITE or bright - dark < FLATTEST:
        return False
    middle = np.float32(1 << (bits - 1))
    away = np.maximum(*(np.abs(plane.astype(np.float32) - middle) for plane in chroma)) / codes
    return float(np.median(away)) <= PALEST


def _plane(plane: Any, big_endian: bool) -> NDArray[np.uint16]:
    """The codes of about 200 by 200 places."""
    rows = np.frombuffer(plane, ">u2" if big_endian else "<u2").reshape(plane.height, plane.line_size // 2)
    across, down = max(1, plane.width // 200), max(1, plane.height // 200)
    return rows[::down, : plane.width : across]
