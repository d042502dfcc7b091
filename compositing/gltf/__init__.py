"""glTF 2.0 (Khronos 2021): documents in and out, and what one shows.

Read and written here because the libraries at hand drop what matters: all cameras but the first, and their motion.
"""

from compositing.gltf.document import Document, broken, open_document
from compositing.gltf.model import Lamp, Material, Mesh, Model, read_model
from compositing.gltf.nodes import local_matrix, pose
from compositing.gltf.write import write_glb

__all__ = [
    "Document",
    "Lamp",
    "Material",
    "Mesh",
    "Model",
    "broken",
    "local_matrix",
    "open_document",
    "pose",
    "read_model",
    "write_glb",
]
