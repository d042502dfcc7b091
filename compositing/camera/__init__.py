"""The virtual camera: one record with units; solved from a plate, read from a file, or set by keyframes."""

from compositing.camera.record import Camera, Kind, View, still_camera
from compositing.camera.solve import SolvedCamera, SolveReport, SolveSettings, solve_camera

__all__ = [
    "Camera",
    "Kind",
    "SolveReport",
    "SolveSettings",
    "SolvedCamera",
    "View",
    "solve_camera",
    "still_camera",
]
