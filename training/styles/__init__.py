"""The bundled styles: the programs that draw the pictures they are learnt from, and the recipes of their trainings.

A bundled style is learnt from a folder of pictures, as anyone's is. Its style pack contains nothing of the program
that drew them but what the training learnt from them.
"""

from training.styles.drawing_programs import DRAWING_PROGRAMS, DrawingProgram
from training.styles.drawings import write_drawings

__all__ = ["DRAWING_PROGRAMS", "DrawingProgram", "write_drawings"]
