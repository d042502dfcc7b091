"""The passes that draw small faces again: cut out of the plate, drawn larger, steadied, laid into the picture."""

from stylize.passes.faces.lay import LayFacesPass
from stylize.passes.faces.on_faces import OnFaces
from stylize.passes.faces.plates import FacePlatePass

__all__ = ["FacePlatePass", "LayFacesPass", "OnFaces"]
