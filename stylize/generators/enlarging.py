"""How drawings are brought to the clip's size: along the plate's edges, or by a network."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from stylize.edge.live.enlarger import ENLARGER, NetworkEnlarger, bundled_enlarger, is_enlarger
from stylize.errors import UsageError
from stylize.finish import enlarge
from stylize.footage.clip import Pixels
from stylize.storage.fingerprint import fingerprint_file

EDGES, NET = "edges", "net"
AT_LEAST = 0.9
"""A drawing that is doubled to this share of the clip's size needs no further edges."""
Enlarging = Callable[[Pixels, Pixels], Pixels]
"""Of a drawing and its plate: the drawing at the plate's size."""


def check_enlarging(how: str) -> str:
    """The word or the folder that `--enlarge` gives.

    Raises:
        UsageError: it is neither.
    """
    if how not in (EDGES, NET) and not is_enlarger(Path(how).expanduser()):
        raise UsageError(
            f"Drawings cannot be enlarged by {how!r}.",
            where="--enlarge",
            hint="edges, net, or the folder of a network by: stylize train live --network x2",
        )
    return how


def enlarging_settings(how: str, detail: float) -> object:
    """What decides an enlarged drawing's pixels, as JSON can hold it."""
    if how == EDGES:
        return detail
    return [detail, fingerprint_file(_folder(how) / ENLARGER)]


def open_enlarging(how: str, detail: float) -> Enlarging:
    """Loads what enlarges.

    Args:
        how: `edges`, `net`, or the folder of a network.
        detail: of edges, where the plate's have a part: see `stylize.finish.enlarge`.

    Raises:
        ModelError: the network cannot be loaded. MissingPart: no engine is installed.
    """
    if how == EDGES:
        return partial(enlarge, detail=detail)
    return partial(_by_network, NetworkEnlarger.load(_folder(how)), detail)


def _by_network(network: NetworkEnlarger, detail: float, drawn: Pixels, plate: Pixels) -> Pixels:
    """Twice the size by the network; from there on down to the plate's size, or up along its edges."""
    height, width = plate.shape[:2]
    if drawn.shape[:2] == (height, width):
        return drawn
    doubled = network.enlarge(drawn, plate)
    if doubled.shape[:2] == (height, width):
        return doubled
    if doubled.shape[0] < AT_LEAST * height:
        return enlarge(doubled, plate, detail)
    how = cv2.INTER_AREA if doubled.shape[0] > 1.5 * height else cv2.INTER_CUBIC
    return np.clip(cv2.resize(doubled, (width, height), interpolation=how), 0, 1, dtype=np.float32)


def _folder(how: str) -> Path:
    return bundled_enlarger() if how == NET else Path(how).expanduser()
