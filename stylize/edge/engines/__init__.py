"""What runs an exported network: ONNX Runtime with its execution providers, or OpenVINO."""

from stylize.edge.engines.base import Engine, Session
from stylize.edge.engines.choose import ENGINES, choose_engine, engines_here, open_engine

__all__ = ["ENGINES", "Engine", "Session", "choose_engine", "engines_here", "open_engine"]
