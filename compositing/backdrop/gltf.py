"""What a glTF file shows: its meshes, materials and lamps, placed in the world."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from compositing.gltf import BROKEN, Array, Document, open_document, resource


@dataclass(frozen=True)
class Surface:
    """A material, scene-linear: base colour, emission, and `texture`, (h, w, 4) float32 with straight alpha."""

    colour: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0)
    emission: tuple[float, float, float] = (0.0, 0.0, 0.0)
    texture: Array | None = None
    two_sided: bool = False
    blended: bool = False
    cutoff: float = 0.0


@dataclass(frozen=True)
class Mesh:
    """Triangles in the world, one vertex a row: positions (N, 3) metres, normals (N, 3), texture places (N, 2),
    colours (N, 4); `indices` (M, 3)."""

    positions: Array
    normals: Array
    places: Array
    colours: Array
    indices: Array
    surface: Surface


@dataclass(frozen=True)
class Lamp:
    """A light that shines: `direction` is None for a point light, whose `position` counts instead."""

    colour: tuple[float, float, float]
    position: Array
    direction: Array | None


@dataclass(frozen=True)
class Model:
    """What a file shows: its meshes and lamps in the world, metres, Y up."""

    meshes: list[Mesh]
    lamps: list[Lamp] = field(default_factory=list)


def read_gltf(path: Path) -> Model:
    """Reads the meshes, materials and lamps of a set.

    Raises:
        ValueError: the file is broken, or holds no mesh.
    """
    document = open_document(path)
    try:
        surfaces = [_surface(document, each) for each in document.list("materials")]
        meshes: list[Mesh] = []
        lamps: list[Lamp] = []
        for node, world, _ in document.nodes():
            if "mesh" in node:
                for part in document.list("meshes")[node["mesh"]]["primitives"]:
                    if part.get("mode", 4) == 4:
                        meshes.append(_mesh(document, part, world, surfaces))
            lamp = node.get("extensions", {}).get("KHR_lights_punctual")
            if lamp is not None:
                lamps.append(_lamp(document, int(lamp["light"]), world))
    except (KeyError, IndexError, TypeError) as error:
        raise ValueError(f"the glTF file is broken ({type(error).__name__}: {error}): {BROKEN}") from error
    if not meshes:
        raise ValueError("the glTF file shows nothing: export its meshes too")
    return Model(meshes, lamps)


def _mesh(document: Document, part: dict[str, Any], world: Array, surfaces: list[Surface]) -> Mesh:
    attributes = part["attributes"]
    positions = document.accessor(attributes["POSITION"]).astype(np.float64)
    count = len(positions)
    if "indices" in part:
        indices = document.accessor(part["indices"]).reshape(-1, 3).astype(np.uint32)
    else:
        indices = np.arange(count - count % 3, dtype=np.uint32).reshape(-1, 3)
    if indices.size and int(indices.max()) >= count:
        raise ValueError(f"the glTF file is broken, a triangle has no corner: {BROKEN}")
    placed = positions @ world[:3, :3].T + world[:3, 3]
    if "NORMAL" in attributes:
        normals = document.accessor(attributes["NORMAL"]) @ np.linalg.inv(world[:3, :3])
    else:  # flat faces: each corner its own
        placed, indices = placed[indices.ravel()], np.arange(indices.size, dtype=np.uint32).reshape(-1, 3)
        across = np.cross(placed[1::3] - placed[::3], placed[2::3] - placed[::3])
        normals = np.repeat(across, 3, axis=0)
    normals = normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    same = len(placed) == count
    places = (
        document.accessor(attributes["TEXCOORD_0"])
        if "TEXCOORD_0" in attributes and same
        else np.zeros((len(placed), 2))
    )
    colours = np.ones((len(placed), 4))
    if "COLOR_0" in attributes and same:
        given = document.accessor(attributes["COLOR_0"])
        colours[:, : given.shape[1]] = given
    surface = surfaces[part["material"]] if "material" in part else Surface()
    return Mesh(_rows(placed), _rows(normals), _rows(places), _rows(colours), indices, surface)


def _rows(values: Array) -> Array:
    return np.ascontiguousarray(values, np.float32)


def _surface(document: Document, table: dict[str, Any]) -> Surface:
    plain = table.get("pbrMetallicRoughness", {})
    texture = None
    if "baseColorTexture" in plain:
        image = document.list("textures")[plain["baseColorTexture"]["index"]]["source"]
        texture = _texture(document, document.list("images")[image])
    mode = table.get("alphaMode", "OPAQUE")
    strength = (
        table.get("extensions", {}).get("KHR_materials_emissive_strength", {}).get("emissiveStrength", 1.0)
    )
    emission = tuple(float(each) * strength for each in table.get("emissiveFactor", (0, 0, 0)))
    red, green, blue, alpha = (float(each) for each in plain.get("baseColorFactor", (1, 1, 1, 1)))
    return Surface(
        (red, green, blue, alpha),
        (emission[0], emission[1], emission[2]),
        texture,
        bool(table.get("doubleSided", False)),
        mode == "BLEND",
        float(table.get("alphaCutoff", 0.5)) if mode == "MASK" else 0.0,
    )


def _texture(document: Document, table: dict[str, Any]) -> Array:
    from compositing.colour import linear_from_srgb

    if "uri" in table:
        data = resource(table["uri"], document.folder)
    else:
        view = document.list("bufferViews")[table["bufferView"]]
        start = int(view.get("byteOffset", 0))
        data = document.buffers[view["buffer"]][start : start + int(view["byteLength"])]
    stored: Array | None = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED) if data else None
    if stored is None:
        raise ValueError(f"a texture of the glTF file cannot be read: {BROKEN}")
    if stored.ndim == 2:
        stored = cv2.cvtColor(stored, cv2.COLOR_GRAY2BGR)
    values = stored.astype(np.float32) / np.float32(65535 if stored.dtype == np.uint16 else 255)
    alpha = values[..., 3:] if values.shape[2] == 4 else np.ones((*values.shape[:2], 1), np.float32)
    return np.concatenate([linear_from_srgb(np.ascontiguousarray(values[..., 2::-1])), alpha], axis=2)


def _lamp(document: Document, number: int, world: Array) -> Lamp:
    table = document.table["extensions"]["KHR_lights_punctual"]["lights"][number]
    colour = np.array(table.get("color", (1, 1, 1)), np.float64) * float(table.get("intensity", 1.0))
    direction = None if table["type"] != "directional" else world[:3, 2] / np.linalg.norm(world[:3, 2])
    return Lamp((float(colour[0]), float(colour[1]), float(colour[2])), world[:3, 3], direction)
