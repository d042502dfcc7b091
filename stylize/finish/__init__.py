"""From the model's drawing to a finished frame: a cel at the working size, the source's own size, then its look."""

from stylize.finish.cel import finish_cel
from stylize.finish.enlarge import enlarge
from stylize.finish.look import finish_look

__all__ = ["enlarge", "finish_cel", "finish_look"]
