"""A slow, strong drawing of a real frame by classical means: the second source of training pairs.

A model that learns from it learns the mean of many such drawings, and is steadier than its teacher.
"""

from training.base.classical.draw import Manner, draw

__all__ = ["Manner", "draw"]
