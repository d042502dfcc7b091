"""Faces in a clip: found, and followed through their shots, before anything is drawn."""

from stylize.footage.faces.detector import FaceDetector, open_detector
from stylize.footage.faces.find import FaceLimits, choose_faces, see_faces
from stylize.footage.faces.found import FoundFace
from stylize.footage.faces.link import Sightings
from stylize.footage.faces.tracks import FaceSheet, FaceTrack, Square

__all__ = [
    "FaceDetector",
    "FaceLimits",
    "FaceSheet",
    "FaceTrack",
    "FoundFace",
    "Sightings",
    "Square",
    "choose_faces",
    "open_detector",
    "see_faces",
]
