"""The virtual camera: one record with units; solved from a plate, read from a file, or set by keyframes."""

from compositing.camera.record import Camera, Kind, View, still_camera
from compositing.camera.solve import Report, Settings, Solution, solve_camera

__all__ = ["Camera", "Kind", "Report", "Settings", "Solution", "View", "solve_camera", "still_camera"]
