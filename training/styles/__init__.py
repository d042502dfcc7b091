"""Styles of the project's own: who draws the pictures that they are learnt from, and the recipes that learn them.

A style is learnt from drawings, as anyone's is: these programs are the draughtsmen, and what they hand over are
pictures in a folder. Nothing of them is in the style pack but what the training took from the pictures.
"""

from training.styles.artists import ARTISTS, Artist
from training.styles.drawings import write_drawings

__all__ = ["ARTISTS", "Artist", "write_drawings"]
