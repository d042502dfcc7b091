"""From the model's drawing to a finished frame: a cel at the working size, then the source's own size."""

from stylize.finish.cel import finish_cel
from stylize.finish.enlarge import enlarge

__all__ = ["enlarge", "finish_cel"]
