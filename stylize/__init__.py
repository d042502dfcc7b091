"""Live-action footage in, anime film out."""

__version__ = "0.1.0"
