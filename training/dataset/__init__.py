"""A folder of drawings, made ready to learn from: found, checked, captioned, and each given a photograph."""

from training.dataset.check import CheckedDrawings, check_drawings
from training.dataset.drawing_folder import Drawing, DrawingFolder, find_drawings

__all__ = ["CheckedDrawings", "Drawing", "DrawingFolder", "check_drawings", "find_drawings"]
