"""Draws real frames with classical image processing: the second source of training pairs.

It is slow, and its drawings flicker more than those of a model that learnt from many of them.
"""

from training.base.classical.draw import ClassicalSettings, draw_classical

__all__ = ["ClassicalSettings", "draw_classical"]
