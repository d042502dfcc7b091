"""A model, drawn as a view sees it."""

from __future__ import annotations

import numpy as np

from compositing.camera.record import View
from compositing.colour import Image, Plane
from compositing.gltf.model import Model
from compositing.opengl.context import open_context
from compositing.opengl.meshes import DeviceMesh, upload
from compositing.opengl.scene import (
    MOST_LAMPS,
    Daylight,
    Placement,
    lamp_uniforms,
    screen_matrix,
    sun_matrix,
)
from compositing.opengl.shaders import load_program, write_matrix, write_uniforms
from compositing.opengl.shadow import SHADOW_PX, shadow_map
from compositing.opengl.target import RenderTarget

TEXTURE_UNIT, SHADOW_UNIT = 0, 1


class Renderer:
    """Holds a model on the graphics device, and the buffers of the last size that was asked for.

    Light is simple, as a background painter's is: a sun with shadows, a sky above and the bounce of the ground,
    lamps and emission.

    Raises:
        MissingPackage: there is no moderngl, or no OpenGL.
    """

    def __init__(self, model: Model, placement: Placement, daylight: Daylight) -> None:
        self._context = open_context()
        self._daylight = daylight
        self._target: RenderTarget | None = None
        with self._context:
            self._upload(model, placement)

    def _upload(self, model: Model, placement: Placement) -> None:
        """Puts on the device what is the same in every picture."""
        self._program = load_program(self._context, "surface", LAMPS=MOST_LAMPS, SHADOW_PX=SHADOW_PX)
        shadow_program = load_program(self._context, "shadow")
        self._meshes = [
            upload(self._context, mesh, placement, self._program, shadow_program) for mesh in model.meshes
        ]
        points = placement.points(np.concatenate([mesh.positions for mesh in model.meshes]))
        to_sun = sun_matrix(points, self._daylight.direction)
        self._shadow = shadow_map(self._context, shadow_program, self._meshes, to_sun)
        write_uniforms(self._program, self._daylight.uniforms())
        write_uniforms(self._program, lamp_uniforms(model.lamps, placement))
        write_matrix(self._program, "to_sun", to_sun)
        self._program["lamps"].value = min(len(model.lamps), MOST_LAMPS)
        self._program["picture"].value, self._program["shadow"].value = TEXTURE_UNIT, SHADOW_UNIT

    def draw(self, view: View) -> tuple[Image, Plane]:
        """What the view sees: light, (H, W, 3) float32, scene-linear, and depth along its axis, (H, W) metres.

        The sky lies behind everything, infinitely far away.
        """
        with self._context:  # another model's may be the current one
            light, alpha, nearness = self._drawn(view)
        sky = np.array(self._daylight.sky, np.float32)
        return np.ascontiguousarray(light + (1 - alpha[..., None]) * sky), _depth(alpha, nearness)

    def _drawn(self, view: View) -> tuple[Image, Plane, Plane]:
        target = self._target_of(view.size)
        target.begin()
        write_uniforms(self._program, {"eye": view.position, "forward": -view.world[:3, 2]})
        write_matrix(self._program, "to_screen", screen_matrix(view))
        self._shadow.use(SHADOW_UNIT)
        for blended in (False, True):  # what is blended goes over the rest
            self._context.enable_only(self._context.DEPTH_TEST | (self._context.BLEND if blended else 0))
            self._context.blend_func = self._context.ONE, self._context.ONE_MINUS_SRC_ALPHA
            for mesh in self._meshes:
                if mesh.material.blended == blended:
                    self._draw_mesh(mesh)
        return target.read()

    def _target_of(self, size: tuple[int, int]) -> RenderTarget:
        if self._target is None or self._target.size != size:
            if self._target is not None:
                self._target.release()
            self._target = RenderTarget(self._context, size)
        return self._target

    def _draw_mesh(self, mesh: DeviceMesh) -> None:
        program, material = self._program, mesh.material
        program["base"].value = material.colour
        program["emission"].value = material.emission
        program["cutoff"].value = material.cutoff
        program["textured"].value = mesh.texture is not None
        if mesh.texture is not None:
            mesh.texture.use(TEXTURE_UNIT)
        mesh.surface.render()


def _depth(alpha: Plane, nearness: Plane) -> Plane:
    """Depth from the samples' mean nearness; infinite where more than half of a pixel is sky."""
    with np.errstate(divide="ignore"):
        # At an edge the samples' nearness is a mean; over the sky, a share of it.
        own = 1 / np.maximum(nearness / np.maximum(alpha, 1e-3), 1e-6)
        depth = np.where(nearness > 1e-6, own, np.inf)
    return np.where(alpha > 0.5, depth, np.inf).astype(np.float32)
