"""A folder of drawings, made ready to learn from: gathered, checked, captioned, and shown on a sheet."""

from training.dataset.gather import Drawing, Found, gather

__all__ = ["Drawing", "Found", "gather"]
