"""What a glTF file shows: its meshes, materials and lamps, placed in the world."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compositing.errors import BROKEN, UnreadableFile
from compositing.gltf.document import Array, Document, broken, open_document
from compositing.gltf.texture import read_texture


@dataclass(frozen=True)
class Material:
    """A material, scene-linear.

    Attributes:
        colour: red, green, blue and alpha, straight.
        emission: light that it sends out by itself.
        texture: (h, w, 4) float32, straight alpha; multiplies the colour.
        blended: whether it is mixed with what lies behind it by its alpha.
        cutoff: what has less alpha is left out.
    """

    colour: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0)
    emission: tuple[float, float, float] = (0.0, 0.0, 0.0)
    texture: Array | None = None
    blended: bool = False
    cutoff: float = 0.0


@dataclass(frozen=True)
class Mesh:
    """Triangles in the world, one vertex a row.

    Attributes:
        positions: (N, 3) float32, metres.
        normals: (N, 3) float32, of unit length.
        texture_places: (N, 2) float32.
        colours: (N, 4) float32; multiply the material's colour.
        indices: (M, 3) uint32, the corners of each triangle.
        material: of all of them.
    """

    positions: Array
    normals: Array
    texture_places: Array
    colours: Array
    indices: Array
    material: Material


@dataclass(frozen=True)
class Lamp:
    """A light that shines from a point: its colour times its intensity, candela, and where it is, metres."""

    colour: tuple[float, float, float]
    position: Array


@dataclass(frozen=True)
class Model:
    """What a file shows: its meshes and lamps in the world, metres, Y up."""

    meshes: list[Mesh]
    lamps: list[Lamp] = field(default_factory=list)


def read_model(path: Path) -> Model:
    """Reads the meshes, materials and lamps of a set. Lights without a place are left out: the sun is a setting.

    Raises:
        UnreadableFile: the file is broken, or holds no mesh.
    """
    try:
        model = _model(open_document(path))
    except BROKEN as error:
        raise broken(f"The glTF file is broken ({type(error).__name__}: {error}).") from error
    if not model.meshes:
        raise UnreadableFile("The glTF file shows nothing.", hint="export its meshes too")
    return model


def _model(document: Document) -> Model:
    materials, model = _Materials(document), Model([])
    for node, world in document.nodes():
        if "mesh" in node:
            parts = document.entries("meshes")[node["mesh"]]["primitives"]
            model.meshes.extend(
                _mesh(document, part, world, materials) for part in parts if part.get("mode", 4) == 4
            )
        light = node.get("extensions", {}).get("KHR_lights_punctual")
        if light is not None:
            table = document.table["extensions"]["KHR_lights_punctual"]["lights"][int(light["light"])]
            if table["type"] != "directional":
                model.lamps.append(_lamp(table, world))
    return model


@dataclass
class _Materials:
    """The materials of a document, each made when a mesh first needs it; those of one picture share it."""

    document: Document
    _made: dict[int, Material] = field(default_factory=dict)
    _pictures: dict[int, Array] = field(default_factory=dict)

    def get(self, number: int) -> Material:
        if number not in self._made:
            self._made[number] = self._material(self.document.entries("materials")[number])
        return self._made[number]

    def _material(self, table: dict[str, Any]) -> Material:
        plain = table.get("pbrMetallicRoughness", {})
        texture = None
        if "baseColorTexture" in plain:
            texture = self._picture(
                self.document.entries("textures")[plain["baseColorTexture"]["index"]]["source"]
            )
        mode = table.get("alphaMode", "OPAQUE")
        extensions = table.get("extensions", {})
        strength = extensions.get("KHR_materials_emissive_strength", {}).get("emissiveStrength", 1.0)
        emission = tuple(float(each) * strength for each in table.get("emissiveFactor", (0, 0, 0)))
        red, green, blue, alpha = (float(each) for each in plain.get("baseColorFactor", (1, 1, 1, 1)))
        return Material(
            (red, green, blue, alpha),
            (emission[0], emission[1], emission[2]),
            texture,
            mode == "BLEND",
            float(table.get("alphaCutoff", 0.5)) if mode == "MASK" else 0.0,
        )

    def _picture(self, number: int) -> Array:
        if number not in self._pictures:
            self._pictures[number] = read_texture(self.document, self.document.entries("images")[number])
        return self._pictures[number]


def _mesh(document: Document, part: dict[str, Any], world: Array, materials: _Materials) -> Mesh:
    attributes = part["attributes"]
    positions = document.accessor(attributes["POSITION"]).astype(np.float64)
    count = len(positions)
    if "indices" in part:
        indices = document.accessor(part["indices"]).reshape(-1, 3).astype(np.uint32)
    else:
        indices = np.arange(count - count % 3, dtype=np.uint32).reshape(-1, 3)
    if indices.size and int(indices.max()) >= count:
        raise broken("The glTF file is broken: a triangle has no corner.")
    placed = positions @ world[:3, :3].T + world[:3, 3]
    if "NORMAL" in attributes:
        normals = document.accessor(attributes["NORMAL"]) @ np.linalg.inv(world[:3, :3])
    else:  # flat faces: each corner its own
        placed, indices = placed[indices.ravel()], np.arange(indices.size, dtype=np.uint32).reshape(-1, 3)
        across = np.cross(placed[1::3] - placed[::3], placed[2::3] - placed[::3])
        normals = np.repeat(across, 3, axis=0)
    normals = normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    same = len(placed) == count
    texture_places = np.zeros((len(placed), 2))
    if "TEXCOORD_0" in attributes and same:
        texture_places = document.accessor(attributes["TEXCOORD_0"])
    colours = np.ones((len(placed), 4))
    if "COLOR_0" in attributes and same:
        given = document.accessor(attributes["COLOR_0"])
        colours[:, : given.shape[1]] = given
    material = materials.get(part["material"]) if "material" in part else Material()
    return Mesh(
        _float32(placed), _float32(normals), _float32(texture_places), _float32(colours), indices, material
    )


def _float32(values: Array) -> NDArray[np.float32]:
    return np.ascontiguousarray(values, np.float32)


def _lamp(table: dict[str, Any], world: Array) -> Lamp:
    colour = np.array(table.get("color", (1, 1, 1)), np.float64) * float(table.get("intensity", 1.0))
    return Lamp((float(colour[0]), float(colour[1]), float(colour[2])), world[:3, 3])
