"""Loads prepared pairs onto the training device, in the background and while more of them are still being made."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

import torch
from torch import Tensor

from stylize.errors import UsageError
from training.base.cels import read_cels
from training.base.pair_folder import pair_count, pair_path

PATIENCE_S = 600.0
"""How long to wait for a pair that is still to be made."""


class PairLoader:
    """The pairs of a folder, each a tensor (5, 3, H, W) uint8 in the order of `PLANES`."""

    def __init__(self, folder: Path, device: torch.device) -> None:
        self.folder, self.device = folder, device
        self.count = pair_count(folder)
        self._pairs: list[Tensor] = []
        self._error: BaseException | None = None
        self._stop = Event()
        self._thread = Thread(target=self._load, daemon=True)
        self._thread.start()

    def first(self, count: int) -> list[Tensor]:
        """The first `count` pairs, at least one and at most all; waits until they are loaded.

        Raises:
            UsageError: they are broken, or were not made in time.
        """
        count = min(max(count, 1), self.count)
        while len(self._pairs) < count:
            if self._error is not None:
                raise UsageError(str(self._error), where=self.folder) from self._error
            time.sleep(0.02)
        return self._pairs[:count]

    def close(self) -> None:
        """Stops loading."""
        self._stop.set()
        self._thread.join()

    def _load(self) -> None:
        try:
            for number in range(self.count):
                path = pair_path(self.folder, number)
                deadline = time.monotonic() + PATIENCE_S
                while not path.exists():
                    if self._stop.wait(0.1):
                        return
                    if time.monotonic() > deadline:
                        raise ValueError(f"{path.name} is missing: prepare the pairs again.")
                if self._stop.is_set():
                    return
                planes = torch.from_numpy(read_cels(path)).permute(0, 3, 1, 2).contiguous()
                self._pairs.append(planes.to(self.device))
        except (ValueError, RuntimeError) as error:
            self._error = error  # raised by `first`, in the thread that needs the pair


@dataclass(frozen=True)
class PairSources:
    """What is learnt from: rendered scenes, and real frames with their classical drawings."""

    rendered: PairLoader
    real: PairLoader

    @classmethod
    def load(cls, rendered: Path, real: Path, device: torch.device) -> PairSources:
        return cls(PairLoader(rendered, device), PairLoader(real, device))

    def close(self) -> None:
        self.rendered.close()
        self.real.close()
