"""Batches cut from prepared pairs: which picture, which crop, which look, and how the camera saw it."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event, Thread

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from stylize.errors import UsageError
from training.base.attributes import Attributes
from training.base.cels import PLANES, read_cels
from training.base.laying import lay_together
from training.base.prepare import count_of, pair_path
from training.base.sensor import sense

INK = PLANES.index("ink")
JUMP_PX = 3
"""How far the two views of a twin lie apart at most."""
PATIENCE_S = 600.0
"""How long to wait for a pair that is still to be made."""


class Pairs:
    """A folder of prepared pairs, on the device that learns; it may still be growing.

    Each pair is (5, 3, H, W) uint8, in the order of `PLANES`.
    """

    def __init__(self, folder: Path, device: torch.device) -> None:
        self.folder, self.device = folder, device
        self.count = count_of(folder)
        self._cels: list[Tensor] = []
        self._fault: BaseException | None = None
        self._stop = Event()
        self._loading = Thread(target=self._load, daemon=True)
        self._loading.start()

    def first(self, count: int) -> list[Tensor]:
        """The first `count` pairs; waits for them.

        Raises:
            UsageError: they are broken, or were not made in time.
        """
        count = min(max(count, 1), self.count)
        while len(self._cels) < count:
            if self._fault is not None:
                raise UsageError(str(self._fault), where=self.folder) from self._fault
            time.sleep(0.02)
        return self._cels[:count]

    def close(self) -> None:
        self._stop.set()
        self._loading.join()

    def _load(self) -> None:
        try:
            for number in range(self.count):
                path = pair_path(self.folder, number)
                patient = time.monotonic() + PATIENCE_S
                while not path.exists():
                    if self._stop.wait(0.1):
                        return
                    if time.monotonic() > patient:
                        raise ValueError(f"{path.name} is missing: prepare the pairs again.")
                if self._stop.is_set():
                    return
                cels = torch.from_numpy(read_cels(path)).permute(0, 3, 1, 2).contiguous()
                self._cels.append(cels.to(self.device))
        except (ValueError, RuntimeError) as fault:
            self._fault = fault


@dataclass(frozen=True)
class Sources:
    """What is learnt from: the renderer's pairs, and real frames with their classical drawings."""

    rendered: Pairs
    frames: Pairs

    @classmethod
    def load(cls, rendered: Path, frames: Path, device: torch.device) -> Sources:
        return cls(Pairs(rendered, device), Pairs(frames, device))

    def close(self) -> None:
        self.rendered.close()
        self.frames.close()


@dataclass(frozen=True)
class Batch:
    """`photo` and `drawn` are (N, 3, S, S) in [0, 1]. The second half of the batch are the twins of the first:
    the same pictures and looks, moved by `jump` (down, right) px, as another exposure saw them."""

    photo: Tensor
    drawn: Tensor
    captions: list[str]
    jump: tuple[int, int]


def cut_batch(sources: Sources, count: int, size: int, real_share: float, ready: float, seed: int) -> Batch:
    """A batch of `count` (even) crops of `size` px, by `seed` alone.

    Args:
        real_share: chance that a sample is cut from a real frame.
        ready: share of the pairs that is drawn from.
    """
    rng = np.random.default_rng(seed)
    real = np.flatnonzero(rng.random(count // 2) < real_share)
    pools = {
        False: sources.rendered.first(round(ready * sources.rendered.count)),
        True: sources.frames.first(round(ready * sources.frames.count)),
    }
    crops, looks = [], []
    for number in range(count // 2):
        pool = pools[number in real]
        look = Attributes.draw(rng)
        looks.append(replace(look, background="flat") if number in real else look)
        crops.append(_crop(pool[int(rng.integers(len(pool)))], rng, size + JUMP_PX))
    planes = torch.stack(crops).float() / 255
    source = torch.Generator(planes.device).manual_seed(seed)
    planes[:, :INK] = _regrade(planes[:, :INK], rng, real)
    down, right = (int(n) for n in rng.integers(0, JUMP_PX + 1, 2))
    drawn, photo = lay_together(planes, looks), planes[:, 0]

    def both(pictures: Tensor) -> Tensor:
        here = pictures[..., :size, :size]
        return torch.cat([here, pictures[..., down : down + size, right : right + size]])

    captions = [_say(look, rng) for look in looks]
    return Batch(sense(both(photo), rng, source), both(drawn), captions * 2, (down, right))


def _crop(cels: Tensor, rng: np.random.Generator, side: int) -> Tensor:
    """A crop (5, 3, side, side), mirrored by chance; a smaller picture is mirrored at its borders."""
    height, width = cels.shape[2:]
    if height < side or width < side:
        margin = (0, max(0, side - width), 0, max(0, side - height))
        cels = functional.pad(cels.float(), margin, mode="reflect").to(cels.dtype)
        height, width = cels.shape[2:]
    y, x = int(rng.integers(height - side + 1)), int(rng.integers(width - side + 1))
    crop = cels[:, :, y : y + side, x : x + side]
    return crop.flip(3) if rng.random() < 0.5 else crop


def _regrade(planes: Tensor, rng: np.random.Generator, which: np.ndarray) -> Tensor:
    """Other light and another white balance over photograph and paint alike, for the few real scenes there are."""
    count = len(planes)
    gamma, gain, colour = np.ones(count), np.ones((count, 3)), np.ones(count)
    gamma[which] = np.exp(rng.normal(0, 0.2, len(which)))
    gain[which] = np.exp(rng.normal(0, 0.07, (len(which), 3)))
    colour[which] = np.exp(rng.normal(0, 0.2, len(which)))

    def each(values: np.ndarray) -> Tensor:
        return planes.new_tensor(values).view(count, 1, -1, 1, 1)

    planes = (planes * each(gain)).clamp(0, 1) ** each(gamma)
    grey = planes.mean(dim=2, keepdim=True)
    return (grey + each(colour) * (planes - grey)).clamp(0, 1)


PLAIN = Attributes().phrases()


def _say(look: Attributes, rng: np.random.Generator) -> str:
    """The caption; what is usual is often left unsaid, and a plain drawing is often just called "anime"."""
    brief = rng.random() < 0.5
    said = [
        phrase
        for phrase, usual in zip(look.phrases(), PLAIN, strict=True)
        if phrase != usual or not (brief or rng.random() < 0.2)
    ]
    return ", ".join(["anime", *said])
