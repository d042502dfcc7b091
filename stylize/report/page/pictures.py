"""Pictures as pages hold them."""

from __future__ import annotations

import base64

import cv2
import numpy as np

from stylize.footage.clip import Pixels


def picture_url(data: bytes, kind: str = "jpeg") -> str:
    """A picture as an address that holds it."""
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def jpeg(picture: Pixels, width_px: int, shape: tuple[int, int] | None = None) -> bytes:
    """A picture, (height, width, 3) float32 RGB in [0, 1], as a JPEG of this width at most.

    Args:
        shape: (width, height) whose proportions it gets; by default its own.
    """
    width, height = shape or (picture.shape[1], picture.shape[0])
    across = min(width_px, picture.shape[1])
    size = (across, max(1, round(across * height / width)))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    codes = np.rint(np.clip(small[..., ::-1], 0, 1) * 255).astype(np.uint8)
    done, coded = cv2.imencode(".jpg", np.ascontiguousarray(codes), [cv2.IMWRITE_JPEG_QUALITY, 82])
    assert done
    return bytes(coded.tobytes())


def jpeg_size(data: bytes) -> tuple[int, int]:
    """(width, height) of a JPEG, px, to the next multiple of 8."""
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_REDUCED_GRAYSCALE_8)
    assert picture is not None
    return picture.shape[1] * 8, picture.shape[0] * 8
