"""Y'CbCr and R'G'B', both ways, in floating point.

The equations are ITU-T H.273 (07/2024), section 8.3: the matrix by its luma weights KR and KB, and the
quantization of limited and full range at any bit depth. swscale is not used for this: its 8-bit tables
bring reference white back as 254/255, and ten bits as eight.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from stylize.errors import FootageError
from stylize.footage.clip import Clip, Colour, Pixels

PRIMARIES = {
    1: "bt709", 4: "bt470m", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "film", 9: "bt2020",
    10: "smpte428", 11: "smpte431", 12: "smpte432", 22: "ebu3213",
}  # fmt: skip
TRANSFERS = {
    1: "bt709", 4: "gamma22", 5: "gamma28", 6: "smpte170m", 7: "smpte240m", 8: "linear", 9: "log",
    10: "log_sqrt", 11: "iec61966-2-4", 12: "bt1361e", 13: "iec61966-2-1", 14: "bt2020-10",
    15: "bt2020-12", 16: "smpte2084", 17: "smpte428", 18: "arib-std-b67",
}  # fmt: skip
MATRICES = {
    0: "gbr", 1: "bt709", 4: "fcc", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "ycgco",
    9: "bt2020nc", 10: "bt2020c", 11: "smpte2085", 12: "chroma-derived-nc", 13: "chroma-derived-c",
    14: "ictcp", 15: "ipt-c2", 16: "ycgco-re", 17: "ycgco-ro",
}  # fmt: skip
RANGES = {1: "tv", 2: "pc"}

LUMA_WEIGHTS = {
    "bt709": (0.2126, 0.0722),
    "fcc": (0.30, 0.11),
    "bt470bg": (0.299, 0.114),
    "smpte170m": (0.299, 0.114),
    "smpte240m": (0.212, 0.087),
    "bt2020nc": (0.2627, 0.0593),
}
"""KR and KB of each matrix, H.273 table 4."""

BAND = 32
"""Rows that are converted at once, an even number: their arrays stay in the processor's cache."""


def matrix_of(clip: Clip) -> str:
    """The matrix of a clip's Y'CbCr: its tag, else BT.709 for high definition and BT.601 below.

    The border is the common players' one: wider than 1024 or higher than 576 is high definition.

    Raises:
        FootageError: the tag names a matrix that is not a linear one with luma weights (ICtCp, YCgCo).
    """
    tag = clip.colour.matrix
    if tag is None or tag == "gbr":
        return "bt709" if max(clip.width, clip.height) > 1024 or _stored_height(clip) > 576 else "smpte170m"
    if tag not in LUMA_WEIGHTS:
        raise FootageError(
            f"The clip's colours are coded as {tag}, which cannot be read here.",
            where=clip.path,
            hint="Convert it first: ffmpeg -i IN -vf scale=out_color_matrix=bt709 -colorspace bt709 OUT.mov",
        )
    return tag


def _stored_height(clip: Clip) -> int:
    return clip.width if clip.rotation in (90, 270) else clip.height


def rgb_from_yuv(
    luma: NDArray[np.generic],
    chroma: tuple[NDArray[np.generic], NDArray[np.generic]] | None,
    *,
    depth: int,
    matrix: str,
    full_range: bool,
    centred_chroma: bool = False,
) -> Pixels:
    """R'G'B' from code values.

    Args:
        luma: (height, width) code values of `depth` bits.
        chroma: Cb and Cr planes, each full size or halved in one or both directions (rounded up);
            None for greyscale.
        matrix: a key of LUMA_WEIGHTS.
        full_range: whether codes span all of 0..2^depth-1 (JPEG) or the studio range.
        centred_chroma: whether halved chroma sits between its luma columns (JPEG), not on the even
            ones (MPEG-2, H.264 and after).

    Returns:
        float32, (height, width, 3), in [0, 1]: codes beyond reference black and white are clipped.
    """
    one = float(1 << (depth - 8))
    black, white = (0.0, 256 * one - 1) if full_range else (16 * one, 235 * one)
    if chroma is None:
        y = (luma.astype(np.float32) - np.float32(black)) / np.float32(white - black)
        return np.clip(np.repeat(y[..., None], 3, axis=2), 0, 1)
    cb, cr = (_upsample(plane.astype(np.float32), luma.shape, centred_chroma) for plane in chroma)
    scale = ((256 * one) - 1) if full_range else 224 * one
    matrix_rows = _to_rgb(matrix) / [white - black, scale, scale]
    shift = matrix_rows @ [-black, -128 * one, -128 * one]
    affine = np.hstack([matrix_rows, shift[:, None]])
    rgb = np.empty((*luma.shape, 3), np.float32)
    for start in range(0, len(rgb), BAND):
        band = slice(start, start + BAND)
        codes = cv2.merge([luma[band].astype(np.float32), cb[band], cr[band]])
        np.clip(cv2.transform(codes, affine, dst=rgb[band]), 0, 1, out=rgb[band])
    return rgb


def yuv_from_rgb(
    pixels: Pixels, *, depth: int, matrix: str, halved: tuple[bool, bool]
) -> tuple[NDArray[np.uint16], NDArray[np.uint16], NDArray[np.uint16]]:
    """Studio-range code values from R'G'B': the inverse of `rgb_from_yuv`.

    Args:
        pixels: float32, (height, width, 3), in [0, 1]; values outside are clipped.
        halved: whether chroma is halved (vertically, horizontally); halved sides must be even.

    Returns:
        Y, Cb and Cr planes of `depth` bits, rounded, chroma columns on the even luma columns.
    """
    one = 1 << (depth - 8)
    affine = np.linalg.inv(_to_rgb(matrix)) * np.array([[219], [224], [224]]) * one
    affine = np.hstack([affine, np.array([[16], [128], [128]]) * one])
    rows, columns = pixels.shape[:2]
    size = (rows >> halved[0], columns >> halved[1])
    luma = np.empty((rows, columns), np.uint16)
    chroma = np.empty(size, np.uint16), np.empty(size, np.uint16)
    for start in range(0, rows, BAND):
        band = slice(start, start + BAND)
        y, *differences = cv2.split(cv2.transform(np.clip(pixels[band], 0, 1), affine))
        luma[band] = np.rint(y, out=y)
        there = slice(start >> halved[0], (start + BAND) >> halved[0])
        for plane, difference in zip(chroma, differences, strict=True):
            plane[there] = np.rint(_downsample(np.asarray(difference, np.float32), *halved))
    return luma, chroma[0], chroma[1]


def _to_rgb(matrix: str) -> NDArray[np.float64]:
    """From Y in [0, 1] and Cb and Cr in [-.5, .5] to R'G'B', (3, 3)."""
    kr, kb = LUMA_WEIGHTS[matrix]
    red, blue, kg = 2 * (1 - kr), 2 * (1 - kb), 1 - kr - kb
    return np.array([[1, 0, red], [1, -kb * blue / kg, -kr * red / kg], [1, blue, 0]])


def _upsample(plane: NDArray[np.float32], shape: tuple[int, ...], centred: bool) -> NDArray[np.float32]:
    """Chroma at the luma's size; halved rows lie midway between two of the luma's, as columns do if `centred`."""
    height, width = shape
    if plane.shape[0] != height:
        plane = _resized(plane, plane.shape[1], 2 * plane.shape[0])[:height]
    if plane.shape[1] != width:
        plane = _resized(plane, 2 * plane.shape[1], plane.shape[0]) if centred else _double_on(plane)
        plane = plane[:, :width]
    return plane


def _resized(plane: NDArray[np.float32], width: int, height: int) -> NDArray[np.float32]:
    """By straight lines: where a side doubles, each sample lies midway between two new ones."""
    return np.asarray(cv2.resize(plane, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def _double_on(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    """Twice the columns, each sample on an even new one and the odd ones halfway."""
    after = np.concatenate([plane[:, 1:], plane[:, -1:]], axis=1)
    between = cv2.addWeighted(plane, 0.5, after, 0.5, 0)
    return np.asarray(cv2.merge([plane, between]), np.float32).reshape(len(plane), -1)


def _downsample(plane: NDArray[np.float32], rows: bool, columns: bool) -> NDArray[np.float32]:
    if rows:
        plane = 0.5 * (plane[0::2] + plane[1::2])
    if columns:
        before = np.concatenate([plane[:, :1], plane[:, 1:-1:2]], axis=1)
        plane = 0.5 * plane[:, 0::2] + 0.25 * (before + plane[:, 1::2])
    return plane


def tags(primaries: int, transfer: int, matrix: int, range_: int) -> Colour:
    """The tags by ffmpeg's names, from the code points of H.273; unspecified and unknown ones are None."""
    return Colour(PRIMARIES.get(primaries), TRANSFERS.get(transfer), MATRICES.get(matrix), RANGES.get(range_))
