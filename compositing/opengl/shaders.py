"""The programs of the folder `shaders`, with the sizes that they are made for."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray


def load_program(context: Any, name: str, **sizes: int) -> Any:
    """The program `name`: its vertex and its fragment shader.

    Args:
        context: a `moderngl.Context`.
        name: of the files `NAME.vert.glsl` and `NAME.frag.glsl`.
        sizes: constants that both may use, defined behind their `#version`.
    """
    vertex, fragment = (_source(f"{name}.{kind}.glsl", sizes) for kind in ("vert", "frag"))
    return context.program(vertex_shader=vertex, fragment_shader=fragment)


def _source(file: str, sizes: Mapping[str, int]) -> str:
    text = (files("compositing.opengl") / "shaders" / file).read_text(encoding="utf-8")
    version, _, rest = text.partition("\n")
    defines = [f"#define {name} {value}" for name, value in sizes.items()]
    return "\n".join([version, *defines, rest])


def write_uniforms(program: Any, values: Mapping[str, NDArray[Any]]) -> None:
    """Sets uniforms of float32; those that the compiler has left out, since nothing depends on them, are passed."""
    for name, value in values.items():
        if name in program:
            program[name].write(np.asarray(value, "f4").tobytes())


def write_matrix(program: Any, name: str, matrix: NDArray[Any]) -> None:
    """Sets a matrix, which OpenGL keeps column by column."""
    program[name].write(matrix.T.astype("f4").tobytes())
