"""What an engine is: it loads ONNX files and runs them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


class Session(Protocol):
    """A network that is loaded for one size of picture."""

    def run(self, inputs: Sequence[Array]) -> list[NDArray[np.float32]]:
        """Runs the network once.

        Args:
            inputs: in the order of the part's inputs.

        Returns:
            The outputs in the part's order. The next call may overwrite them: copy what is kept.
        """


class Engine(Protocol):
    """A runtime that loads networks."""

    @property
    def name(self) -> str: ...

    def load(self, model: Path, shapes: Sequence[tuple[int, ...]], threads: int | None = None) -> Session:
        """Loads an ONNX file for inputs of these shapes. Threads of ours may load at the same time.

        Args:
            threads: that compute; by default one for each core. Their number changes no output.

        Raises:
            ModelError: the file cannot be loaded by this engine.
        """
