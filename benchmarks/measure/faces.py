"""Whether drawings keep faces: those that YuNet finds, and how far their landmarks have moved."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from stylize.footage.clip import Pixels

CERTAIN, OVERLAP = 0.6, 0.3
"""The least score of a face, and how much two may overlap."""
Face = NDArray[np.float32]
"""x, y, width, height, five landmarks (x, y), score; px."""


class Faces:
    """YuNet (Wu et al., "YuNet: A Tiny Millisecond-level Face Detector", 2023) in OpenCV.

    Args:
        weights: its ONNX file.
    """

    def __init__(self, weights: Path) -> None:
        self._detector = cv2.FaceDetectorYN.create(str(weights), "", (320, 320), CERTAIN, OVERLAP)

    def best(self, picture: Pixels) -> Face | None:
        """The face with the highest score in a picture, as `find` takes it."""
        return next(iter(self.find(picture)), None)

    def find(self, picture: Pixels) -> list[Face]:
        """The faces in (H, W, 3) float32 RGB in [0, 1], the surest first."""
        levels = np.rint(np.clip(picture[..., ::-1], 0, 1) * 255).astype(np.uint8)
        self._detector.setInputSize((picture.shape[1], picture.shape[0]))
        _, found = self._detector.detect(np.ascontiguousarray(levels))
        return [] if found is None else sorted(np.asarray(found, np.float32), key=lambda face: -face[-1])


def moved(faces: Sequence[Face | None], kept: Sequence[Face | None]) -> float:
    """The mean distance of landmarks between two films of one clip, as a share of the face's size."""
    pairs = [
        (one, other) for one, other in zip(faces, kept, strict=True) if one is not None and other is not None
    ]
    shares = [
        np.linalg.norm((one - other)[4:14].reshape(5, 2), axis=1).mean() / (other[2] * other[3]) ** 0.5
        for one, other in pairs
    ]
    return float(np.mean(shares)) if shares else float("nan")
