"""What runs an exported network: ONNX Runtime with its execution providers, or OpenVINO."""

from stylize.edge.engines.base import ENGINES, Engine, Session, choose_engine, engines_here

__all__ = ["ENGINES", "Engine", "Session", "choose_engine", "engines_here"]
