"""From the steadied drawing to a finished frame at the source's own size."""

from stylize.finish.finish import finish_frame

__all__ = ["finish_frame"]
