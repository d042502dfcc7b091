"""A mesh on the graphics device: its corners, its order, its texture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from compositing.gltf.model import Material, Mesh
from compositing.opengl.scene import Placement

CORNER = "3f 3f 2f 4f", "position", "normal", "texture_place", "colour"
"""What a vertex buffer holds for each corner, and what the surface shader calls it."""
POSITION_ALONE = "3f 36x", "position"
"""The same buffer for the shadow shader, which passes over the other 36 bytes."""


@dataclass(frozen=True)
class DeviceMesh:
    """One mesh: vertex arrays for the `surface` and the `shadow` program, and its texture, if it has one."""

    surface: Any
    shadow: Any
    texture: Any
    material: Material


def upload(context: Any, mesh: Mesh, placement: Placement, surface: Any, shadow: Any) -> DeviceMesh:
    """Puts a mesh, where it stands in the world, on the device.

    Args:
        context: a `moderngl.Context`.
        surface, shadow: the programs that draw it.
    """
    points, normals = placement.points(mesh.positions), placement.normals(mesh.normals)
    corners = np.concatenate([points, normals, mesh.texture_places, mesh.colours], axis=1)
    vertices = context.buffer(corners.astype("f4").tobytes())
    order = context.buffer(mesh.indices.astype("u4").tobytes())
    return DeviceMesh(
        context.vertex_array(surface, [(vertices, *CORNER)], order),
        context.vertex_array(shadow, [(vertices, *POSITION_ALONE)], order),
        _upload_texture(context, mesh.material),
        mesh.material,
    )


def _upload_texture(context: Any, material: Material) -> Any:
    if material.texture is None:
        return None
    size, pixels = material.texture.shape[1::-1], material.texture.astype("f2").tobytes()
    texture = context.texture(size, 4, pixels, dtype="f2")
    texture.build_mipmaps()
    texture.anisotropy = 8.0
    return texture
