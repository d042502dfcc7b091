"""The shadow map: how far from the sun the first thing lies that it shines on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from numpy.typing import NDArray

from compositing.opengl.meshes import DeviceMesh
from compositing.opengl.shaders import write_matrix

SHADOW_PX = 2048
"""The side of the map."""


def shadow_map(context: Any, program: Any, meshes: Iterable[DeviceMesh], to_sun: NDArray[Any]) -> Any:
    """A depth texture of what casts shadows; what is blended casts none.

    Args:
        context: a `moderngl.Context`.
        program: the shadow program, which the meshes were uploaded for.
        to_sun: (4, 4), see `compositing.opengl.scene.sun_matrix`.
    """
    depth = context.depth_texture((SHADOW_PX, SHADOW_PX))
    depth.compare_func = "<="
    depth.repeat_x = depth.repeat_y = False
    buffer = context.framebuffer(depth_attachment=depth)
    buffer.use()
    buffer.clear(depth=1.0)
    context.enable_only(context.DEPTH_TEST)
    write_matrix(program, "to_sun", to_sun)
    for mesh in meshes:
        if not mesh.material.blended:
            mesh.shadow.render()
    buffer.release()
    return depth
