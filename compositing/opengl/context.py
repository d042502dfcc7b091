"""Opens OpenGL without a window, or says what to install."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import sys
from typing import Any

from compositing.errors import MissingPackage, missing_camera_package


def check_opengl() -> None:
    """Checks that moderngl and OpenGL's library are installed.

    No context is opened: Mesa's drivers bring an LLVM into the process, and the other one that PyTorch's triton
    brings does not survive being loaded after it.

    Raises:
        MissingPackage: moderngl or the library is missing.
    """
    if importlib.util.find_spec("moderngl") is None:
        raise _no_moderngl()
    if sys.platform != "linux":
        return
    # Without a display, OpenGL is reached by EGL alone.
    for name in ("libEGL.so.1", "libGL.so.1") if "DISPLAY" in os.environ else ("libEGL.so.1",):
        try:
            ctypes.CDLL(name)
            return
        except OSError:
            continue
    raise _no_opengl("libEGL.so.1 is missing")


def open_context() -> Any:
    """An OpenGL 3.3 context without a window: a `moderngl.Context`.

    Raises:
        MissingPackage: there is no moderngl, or no OpenGL.
    """
    try:
        import moderngl
    except ImportError as error:
        raise _no_moderngl() from error
    problems = []
    backends: tuple[dict[str, Any], ...] = ({"backend": "egl"}, {})
    for backend in backends:
        try:
            return moderngl.create_context(standalone=True, require=330, **backend)
        except Exception as error:  # the library and its loader raise bare exceptions of several kinds
            problems.append(str(error).splitlines()[0] if str(error) else type(error).__name__)
    raise _no_opengl(problems[0])


def _no_moderngl() -> MissingPackage:
    return missing_camera_package("A glTF set is drawn by moderngl, which is not installed.")


def _no_opengl(problem: str) -> MissingPackage:
    return MissingPackage(
        f"OpenGL without a window is not at hand ({problem}).",
        hint="on Debian or Ubuntu install libegl1 and libgl1-mesa-dri, "
        "or take a still, layers or a panorama for a backdrop",
    )
