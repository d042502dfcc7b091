"""Mattes by rembg's networks, for footage without a screen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from compositing.colour import Image, Plane
from compositing.key.edges import Matted, steady_edges
from compositing.matte import Keyed, cut_out
from stylize.errors import MissingPart, ModelError, UsageError

DEFAULT = "isnet-general-use"


class NeuralMattes:
    """rembg on every frame, its edges steadied in time.

    Its networks differ in licence, and are fetched by rembg when they are first used: naming one asks for that.

    Args:
        model: one of rembg's names, such as `isnet-anime` or `u2net_human_seg`; empty for `isnet-general-use`.
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

    def _matted(self, coded: Image) -> Matted[None]:
        alpha = self.matte(coded)
        return Matted(coded, alpha, (alpha > 0.02) & (alpha < 0.98), None)

    def matte(self, coded: Image) -> Plane:
        """One frame's alpha, (height, width) in [0, 1], of display-referred RGB."""
        from PIL import Image as Pictures

        codes = np.rint(np.clip(coded, 0, 1) * 255).astype(np.uint8)
        masks = self._session.predict(Pictures.fromarray(codes))
        return np.asarray(masks[0].convert("L"), np.float32) / 255


def load_session(model: str, *, offline: bool) -> Any:
    """rembg's session of a model; see `NeuralMattes`."""
    hint = "install it with: pip install 'stylize[matte]'"
    try:  # the package ends the process where onnxruntime is missing
        from rembg import new_session
        from rembg.sessions import sessions_class
    except (ImportError, SystemExit) as error:
        raise MissingPart("Mattes by rembg need the packages rembg and onnxruntime.", hint=hint) from error
    known = {each.name(): each for each in sessions_class}
    if model not in known:
        raise UsageError(
            f"rembg has no model {model!r}.",
            where="--matte",
            hint=f"choose one of {', '.join(sorted(known))}",
        )
    if offline and not _is_here(known[model], model):
        raise MissingPart(
            f"The network {model} does not lie on this machine.",
            where="--matte",
            hint="run once without --offline, or put its .onnx file where rembg looks (U2NET_HOME)",
        )
    try:
        return new_session(model)
    except (OSError, ValueError, RuntimeError) as error:
        raise ModelError(
            f"The network {model} cannot be loaded: {str(error).splitlines()[0]}",
            where="--matte",
            hint="check the network connection, or the .onnx file in rembg's folder (U2NET_HOME)",
        ) from error


def _is_here(session: Any, model: str) -> bool:
    found = session.resolve_existing(f"{model}.onnx")
    return found is not None and Path(found).is_file()
