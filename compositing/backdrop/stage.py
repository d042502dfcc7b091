"""A set of meshes, drawn by OpenGL without a window: the same code on llvmpipe and on graphics cards.

Light is simple, as a background painter's is: a sun with shadows, a sky above and the bounce of the ground, lamps
and emission. The picture is scene-linear half float, four samples a pixel.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import sys
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from compositing.backdrop.gltf import Mesh, Model
from compositing.camera.record import View
from compositing.camera.turns import about
from compositing.colour import Image, Plane

NEAR_M, LAMPS = 0.02, 8
SHADOW_PX = 2048
NO_MODERNGL = (
    "a glTF set is drawn by moderngl, which is not installed: "
    "uv sync --extra camera, or pip install 'stylize[camera]'"
)
INSTALL = (
    "OpenGL without a window is not at hand ({}): on Debian or Ubuntu install libegl1 and libgl1-mesa-dri, "
    "or take a still, layers or a panorama for a backdrop"
)

VERTEX = """
#version 330
uniform mat4 to_screen;
uniform mat4 to_sun;
in vec3 position; in vec3 normal; in vec2 place; in vec4 tint;
out vec3 at; out vec3 facing; out vec2 uv; out vec4 paint; out vec3 in_sun;
void main() {
    at = position; facing = normal; uv = place; paint = tint;
    vec4 sun = to_sun * vec4(position + 0.02 * normal, 1.0);
    in_sun = sun.xyz * 0.5 + 0.5;
    gl_Position = to_screen * vec4(position, 1.0);
}
"""
FRAGMENT = """
#version 330
uniform vec3 eye; uniform vec3 forward;
uniform vec4 base; uniform vec3 emission; uniform float cutoff; uniform bool textured;
uniform sampler2D picture; uniform sampler2DShadow shadow;
uniform vec3 sun; uniform vec3 sun_light; uniform vec3 sky_light; uniform vec3 ground_light;
uniform int lamps; uniform vec3 lamp_at[LAMPS]; uniform vec3 lamp_light[LAMPS];
in vec3 at; in vec3 facing; in vec2 uv; in vec4 paint; in vec3 in_sun;
layout(location = 0) out vec4 light;
layout(location = 1) out float nearness;
float lit_by_sun() {
    if (any(lessThan(in_sun, vec3(0.0))) || any(greaterThan(in_sun, vec3(1.0)))) return 1.0;
    float sum = 0.0;
    for (int y = -1; y <= 1; y++) for (int x = -1; x <= 1; x++)
        sum += texture(shadow, in_sun + vec3(vec2(x, y) * 1.2 / SHADOW_PX.0, -0.0015));
    return sum / 9.0;
}
void main() {
    vec4 colour = base * paint;
    if (textured) colour *= texture(picture, uv);
    if (colour.a < cutoff) discard;
    vec3 n = normalize(facing);
    if (!gl_FrontFacing) n = -n;
    vec3 sum = mix(ground_light, sky_light, 0.5 + 0.5 * n.y);
    sum += sun_light * max(dot(n, sun), 0.0) * lit_by_sun();
    for (int k = 0; k < lamps; k++) {
        vec3 way = lamp_at[k] - at;
        float square = max(dot(way, way), 0.01);
        sum += lamp_light[k] * max(dot(n, way) * inversesqrt(square), 0.0) / square;
    }
    light = vec4((colour.rgb * sum + emission) * colour.a, colour.a);
    nearness = 1.0 / max(dot(at - eye, forward), 1e-4);
}
"""
SHADOW_VERTEX = """
#version 330
uniform mat4 to_sun;
in vec3 position;
void main() { gl_Position = to_sun * vec4(position, 1.0); }
"""
SHADOW_FRAGMENT = "#version 330\nvoid main() {}\n"


@dataclass(frozen=True)
class Stage:
    """A model as a backdrop.

    Attributes:
        model: see `compositing.backdrop.gltf`.
        position: where the model's origin stands, metres, seen from the first camera.
        heading_deg: turns it to the right about its own upright.
        scale: of it.
        sun: towards the sun; `sun_strength` is its irradiance over pi on a facing wall.
        sky: the sky's colour, scene-linear: overhead light, and what is seen where nothing stands.

    Raises:
        ImportError: there is no OpenGL, or no moderngl.
    """

    model: Model
    position: tuple[float, float, float] = (0.0, 0.0, 0.0)
    heading_deg: float = 0.0
    scale: float = 1.0
    sun: tuple[float, float, float] = (0.4, 0.8, 0.45)
    sun_strength: float = 2.2
    sky: tuple[float, float, float] = (0.45, 0.62, 0.90)

    far = False
    moves = False

    def render(self, view: View, frame: float) -> tuple[Image, Plane]:
        return self._drawer.draw(view)

    @cached_property
    def _drawer(self) -> _Drawer:
        return _Drawer(self)


def check_opengl() -> None:
    """Whether OpenGL can be opened, as far as its library's presence tells.

    No context is opened: Mesa's drivers bring an LLVM into the process, and the other one that PyTorch's triton
    brings does not survive being loaded after it.

    Raises:
        ImportError: moderngl or the library is missing; the sentence says what to install.
    """
    if importlib.util.find_spec("moderngl") is None:
        raise ImportError(NO_MODERNGL)
    if sys.platform != "linux":
        return
    # Without a display, OpenGL is reached by EGL alone.
    for name in ("libEGL.so.1", "libGL.so.1") if "DISPLAY" in os.environ else ("libEGL.so.1",):
        try:
            ctypes.CDLL(name)
            return
        except OSError:
            continue
    raise ImportError(INSTALL.format("libEGL.so.1 is missing"))


def open_context() -> Any:
    """An OpenGL context without a window.

    Raises:
        ImportError: there is none; the sentence says what to install.
    """
    try:
        import moderngl
    except ImportError as error:
        raise ImportError(NO_MODERNGL) from error
    problems = []
    ways: tuple[dict[str, Any], ...] = ({"backend": "egl"}, {})
    for backend in ways:
        try:
            return moderngl.create_context(standalone=True, require=330, **backend)
        except Exception as error:  # the library and its loader raise bare exceptions of several kinds
            problems.append(str(error).splitlines()[0] if str(error) else type(error).__name__)
    raise ImportError(INSTALL.format(problems[0]))


class _Drawer:
    """The model on the graphics device. Frame buffers are kept for the last size asked for."""

    def __init__(self, stage: Stage) -> None:
        self._gl = open_context()
        self._stage = stage
        sizes = {"LAMPS": str(LAMPS), "SHADOW_PX": str(SHADOW_PX)}
        fragment = FRAGMENT
        for name, value in sizes.items():
            fragment = fragment.replace(name, value)
        self._paint = self._gl.program(vertex_shader=VERTEX, fragment_shader=fragment)
        self._cast = self._gl.program(vertex_shader=SHADOW_VERTEX, fragment_shader=SHADOW_FRAGMENT)
        self._place = np.eye(4)
        self._place[:3, :3] = about("y", -stage.heading_deg) * stage.scale
        self._place[:3, 3] = stage.position
        self._parts = [self._upload(mesh) for mesh in stage.model.meshes]
        self._sun, self._to_sun = self._aim()
        self._shadow = self._shadow_map()
        self._size: tuple[int, int] | None = None
        self._many: Any = None
        self._plain: Any = None

    def _upload(self, mesh: Mesh) -> tuple[Any, Any, Mesh, Any]:
        points = mesh.positions @ self._place[:3, :3].T + self._place[:3, 3]
        normals = mesh.normals @ (self._place[:3, :3].T / self._stage.scale)
        rows = np.concatenate([points, normals, mesh.places, mesh.colours], axis=1).astype("f4")
        vertices, order = (
            self._gl.buffer(rows.tobytes()),
            self._gl.buffer(mesh.indices.astype("u4").tobytes()),
        )
        painted = [(vertices, "3f 3f 2f 4f", "position", "normal", "place", "tint")]
        cast = [(vertices, "3f 36x", "position")]
        picture = None
        if mesh.surface.texture is not None:
            texture = mesh.surface.texture
            picture = self._gl.texture(texture.shape[1::-1], 4, texture.astype("f2").tobytes(), dtype="f2")
            picture.build_mipmaps()
            picture.anisotropy = 8.0
        return (
            self._gl.vertex_array(self._paint, painted, order),
            self._gl.vertex_array(self._cast, cast, order),
            mesh,
            picture,
        )

    def _bounds(self) -> tuple[np.ndarray, float]:
        points = np.concatenate([mesh.positions for mesh in self._stage.model.meshes])
        points = points @ self._place[:3, :3].T + self._place[:3, 3]
        low, high = np.percentile(points, 2, axis=0), np.percentile(points, 98, axis=0)
        return (low + high) / 2, float(np.linalg.norm(high - low)) / 2 + 0.1

    def _aim(self) -> tuple[np.ndarray, np.ndarray]:
        """Towards the sun, and the box that its shadows are drawn in."""
        sun = np.asarray(self._stage.sun, np.float64)
        sun = sun / max(float(np.linalg.norm(sun)), 1e-9)
        middle, reach = self._bounds()
        right = np.cross((0.0, 1.0, 0.0) if abs(sun[1]) < 0.99 else (1.0, 0.0, 0.0), sun)
        right /= np.linalg.norm(right)
        axes = np.stack([right, np.cross(sun, right), -sun])
        matrix = np.eye(4)
        matrix[:3, :3] = axes / reach
        matrix[:3, 3] = -matrix[:3, :3] @ middle
        matrix[2] /= 2.0  # what stands between the sun and the box casts into it
        return sun, matrix

    def _shadow_map(self) -> Any:
        depth = self._gl.depth_texture((SHADOW_PX, SHADOW_PX))
        depth.compare_func = "<="
        depth.repeat_x = depth.repeat_y = False
        buffer = self._gl.framebuffer(depth_attachment=depth)
        buffer.use()
        buffer.clear(depth=1.0)
        self._gl.enable_only(self._gl.DEPTH_TEST)
        self._cast["to_sun"].write(self._to_sun.T.astype("f4").tobytes())
        for _, cast, mesh, _ in self._parts:
            if not mesh.surface.blended:
                cast.render()
        buffer.release()
        return depth

    def draw(self, view: View) -> tuple[Image, Plane]:
        width, height = view.size
        self._prepare((width, height))
        self._many.use()
        sky = self._stage.sky
        self._many.clear(0.0, 0.0, 0.0, 0.0, depth=1.0)
        self._settings(view)
        for blended in (False, True):
            self._gl.enable_only(self._gl.DEPTH_TEST | (self._gl.BLEND if blended else 0))
            self._gl.blend_func = self._gl.ONE, self._gl.ONE_MINUS_SRC_ALPHA
            for painted, _, mesh, picture in self._parts:
                if mesh.surface.blended == blended:
                    self._one(painted, mesh, picture)
        self._gl.copy_framebuffer(self._plain, self._many)
        rows = np.frombuffer(self._plain.read(components=4, dtype="f2"), np.float16)
        found = rows.reshape(height, width, 4)[::-1].astype(np.float32)
        near = np.frombuffer(self._plain.read(components=1, attachment=1, dtype="f4"), np.float32)
        near = near.reshape(height, width)[::-1]
        light = found[..., :3] + (1 - found[..., 3:]) * np.array(sky, np.float32)
        with np.errstate(divide="ignore"):
            # At an edge the samples' nearness is a mean; over the sky, a share of it.
            depth = np.where(
                near > 1e-6, 1 / np.maximum(near / np.maximum(found[..., 3], 1e-3), 1e-6), np.inf
            )
        return np.ascontiguousarray(light), np.where(found[..., 3] > 0.5, depth, np.inf).astype(np.float32)

    def _prepare(self, size: tuple[int, int]) -> None:
        if self._size == size:
            return
        if self._size is not None:
            self._many.release()
            self._plain.release()
        most = min(4, self._gl.max_samples)
        self._many = self._gl.framebuffer(
            [
                self._gl.renderbuffer(size, 4, samples=most, dtype="f2"),
                self._gl.renderbuffer(size, 1, samples=most, dtype="f4"),
            ],
            self._gl.depth_renderbuffer(size, samples=most),
        )
        self._plain = self._gl.framebuffer(
            [self._gl.renderbuffer(size, 4, dtype="f2"), self._gl.renderbuffer(size, 1, dtype="f4")]
        )
        self._size = size

    def _settings(self, view: View) -> None:
        stage, program = self._stage, self._paint
        sky, sun = np.array(stage.sky), self._sun
        forward = -view.world[:3, 2]
        lamps = [lamp for lamp in stage.model.lamps if lamp.direction is None][:LAMPS]
        places = np.zeros((LAMPS, 3))
        colours = np.zeros((LAMPS, 3))
        for number, lamp in enumerate(lamps):
            places[number] = self._place[:3, :3] @ lamp.position + self._place[:3, 3]
            colours[number] = (
                np.array(lamp.colour) / 683 * 4 * stage.scale**2
            )  # candela to light, as 683 lm a watt
        warm = np.array([1.0, 0.95, 0.86]) * stage.sun_strength * (1.0 if sun[1] > 0 else 0.0)
        values = {
            "eye": view.position,
            "forward": forward,
            "sun": sun,
            "sun_light": warm,
            "sky_light": 0.75 * sky,
            "ground_light": 0.35 * sky + 0.06 * warm,
            "lamp_at": places,
            "lamp_light": colours,
        }
        for name, value in values.items():
            if name in program:
                program[name].write(np.asarray(value, "f4").tobytes())
        program["lamps"].value = len(lamps)
        program["to_screen"].write(to_screen(view).T.astype("f4").tobytes())
        program["to_sun"].write(self._to_sun.T.astype("f4").tobytes())
        program["shadow"].value = 1
        program["picture"].value = 0
        self._shadow.use(1)

    def _one(self, painted: Any, mesh: Mesh, picture: Any) -> None:
        program, surface = self._paint, mesh.surface
        program["base"].value = surface.colour
        program["emission"].value = surface.emission
        program["cutoff"].value = surface.cutoff
        program["textured"].value = picture is not None
        if picture is not None:
            picture.use(0)
        painted.render()


def to_screen(view: View) -> np.ndarray:
    """OpenGL's clip matrix (4, 4) of a view: from the world to clip space; far is infinite."""
    width, height = view.size
    k = view.matrix
    clip = np.zeros((4, 4))
    # A pixel centre u stands at (2 u + 1) / width - 1; rows count downwards, clip space upwards.
    clip[0, 0], clip[0, 2] = 2 * k[0, 0] / width, -((2 * k[0, 2] + 1) / width - 1)
    clip[1, 1], clip[1, 2] = 2 * k[1, 1] / height, (2 * k[1, 2] + 1) / height - 1
    clip[2, 2], clip[2, 3], clip[3, 2] = -1.0, -2 * NEAR_M, -1.0
    return np.asarray(clip @ np.linalg.inv(view.world))
