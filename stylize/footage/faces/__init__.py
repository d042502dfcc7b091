"""Faces in a clip: found, and followed through their shots, before anything is drawn."""

from stylize.footage.faces.detector import FaceDetector, open_detector
from stylize.footage.faces.find import FaceLimits, find_faces
from stylize.footage.faces.tracks import FaceSheet, FaceTrack, Square

__all__ = [
    "FaceDetector",
    "FaceLimits",
    "FaceSheet",
    "FaceTrack",
    "Square",
    "find_faces",
    "open_detector",
]
