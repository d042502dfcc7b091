"""Mattes by rembg's networks, for footage without a screen."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from compositing.colour import Image, Plane
from compositing.key.edges import MattedFrame, steady_edges
from compositing.matte import Keyed, cut_out
from stylize.errors import MissingPart, ModelError, UsageError
from stylize.system.dependencies import install_hint

DEFAULT, OWN = "isnet-general-use", "u2net_custom"


class NeuralMattes:
    """rembg on every frame, its edges steadied in time.

    Its networks differ in licence, and are fetched by rembg when they are first used: naming one asks for that.

    Args:
        model: one of rembg's names, such as `isnet-anime` or `u2net_human_seg`, or the path of an .onnx file of
            U2-Net's shape (320 x 320 in, a mask out); empty for `isnet-general-use`.
        steady: how much the edge's alpha is averaged over neighbouring frames, 0 to 1.
        offline: refuse a network that does not lie on this machine yet.

    Raises:
        MissingPart: rembg or the network is not there.
        UsageError: rembg knows no such model.
    """

    def __init__(self, model: str = "", *, steady: float = 1.0, offline: bool = False) -> None:
        self._steady = steady
        self._session = load_session(model or DEFAULT, offline=offline)

    def key(self, frames: Iterable[Image], first: int = 0) -> Iterator[Keyed]:
        for alpha, frame in steady_edges(map(self._matted, frames), self._steady):
            yield cut_out(frame.coded, alpha)

    def _matted(self, coded: Image) -> MattedFrame[None]:
        alpha = self.matte(coded)
        return MattedFrame(coded, alpha, (alpha > 0.02) & (alpha < 0.98), None)

    def matte(self, coded: Image) -> Plane:
        """One frame's alpha, (height, width) in [0, 1], of display-referred RGB."""
        from PIL import Image as Pictures

        codes = np.rint(np.clip(coded, 0, 1) * 255).astype(np.uint8)
        masks = self._session.predict(Pictures.fromarray(codes))
        return np.asarray(masks[0].convert("L"), np.float32) / 255


def load_session(model: str, *, offline: bool) -> Any:
    """rembg's session of a model; see `NeuralMattes`."""
    hint = install_hint("matte")
    own = Path(model) if model.lower().endswith(".onnx") else None
    if own is not None and not own.is_file():
        raise UsageError("There is no such network.", where=own, hint="write --matte rembg:PATH.onnx")
    try:  # the package ends the process where onnxruntime is missing
        from rembg import new_session
        from rembg.sessions import sessions_class
    except (ImportError, SystemExit) as error:
        raise MissingPart("Mattes by rembg need the packages rembg and onnxruntime.", hint=hint) from error
    if own is not None:
        with _models_in(own.resolve().parent):
            return _opened(lambda: new_session(OWN, model_path=str(own.resolve())), str(own))
    known = {each.name(): each for each in sessions_class}
    if model not in known:
        raise UsageError(
            f"rembg has no model {model!r}.",
            where="--matte",
            hint=f"choose one of {', '.join(sorted(set(known) - {OWN}))}, or give a path: rembg:my.onnx",
        )
    if offline and not _is_here(known[model], model):
        raise MissingPart(
            f"The network {model} does not lie on this machine.",
            where="--matte",
            hint=f"fetch it once: stylize key PLATE -o OUT.mov --matte rembg:{model}, put its .onnx file "
            "where rembg looks (U2NET_HOME), or give its path: "
            f"--matte rembg:{model}.onnx",
        )
    return _opened(lambda: new_session(model), model)


def _opened(open_: Callable[[], Any], name: str) -> Any:
    try:
        return open_()
    except Exception as error:  # onnxruntime has errors of its own, rembg's downloader others
        raise ModelError(
            f"The network {name} cannot be loaded: {(str(error).splitlines() or [type(error).__name__])[0]}",
            where="--matte",
            hint="check the connection, or the .onnx file: rembg:PATH.onnx, or in rembg's folder (U2NET_HOME)",
        ) from error


@contextmanager
def _models_in(folder: Path) -> Iterator[None]:
    """rembg opens files in its own folder only; for a while that folder is this one."""
    before = os.environ.get("U2NET_HOME")
    os.environ["U2NET_HOME"] = str(folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ["U2NET_HOME"]
        else:
            os.environ["U2NET_HOME"] = before


def _is_here(session: Any, model: str) -> bool:
    found = session.resolve_existing(f"{model}.onnx")
    return found is not None and Path(found).is_file()
