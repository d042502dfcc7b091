"""The noise that drawing starts from: one for each shot, or one for each frame.

Written in numpy, so that a device without torch starts from the same noise.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from stylize.footage.clip import Shot

Noise = NDArray[np.float32]
_PAIRS = 8


class Normal:
    """A stream of standard normal numbers: those of `torch.Generator().manual_seed(seed)` on a CPU, but for the
    last bits of logarithm and cosine.

    Source: Matsumoto and Nishimura, "Mersenne Twister", 1998; Box and Muller, 1958; laid out as torch lays them
    out, in blocks of sixteen.
    """

    def __init__(self, seed: int) -> None:
        self._twister = np.random.RandomState(seed & 0xFFFFFFFF)

    def draw(self, shape: tuple[int, ...]) -> Noise:
        """The next numbers as float32 of that shape, at least sixteen of them."""
        count = int(np.prod(shape))
        if count < 2 * _PAIRS:
            raise ValueError(f"Noise is drawn in blocks of {2 * _PAIRS}, and {count} are fewer.")
        uniform = self._uniform(count)
        whole = count - count % (2 * _PAIRS)
        numbers = np.empty(count, np.float32)
        numbers[:whole] = _normal(uniform[:whole])
        if whole < count:  # the last block is drawn anew, over numbers that the one before it had made
            numbers[-2 * _PAIRS :] = _normal(self._uniform(2 * _PAIRS))
        return numbers.reshape(shape)

    def _uniform(self, count: int) -> Noise:
        """Numbers in [0, 1) of 24 bits."""
        words = np.frombuffer(self._twister.bytes(4 * count), "<u4")
        return (words & 0xFFFFFF).astype(np.float32) * np.float32(2**-24)


def _normal(uniform: Noise) -> Noise:
    first, second = uniform.reshape(-1, 2, _PAIRS).transpose(1, 0, 2)
    radius = np.sqrt(-2 * np.log1p(-first))
    turn = np.float32(2 * np.pi) * second
    return np.stack([radius * np.cos(turn), radius * np.sin(turn)], axis=1).reshape(-1)


def noise_for(kind: str, seed: int, shot: Shot, index: int, shape: tuple[int, int, int]) -> Noise:
    """Standard normal noise (C, H, W) float32, the same on every device and in every runtime.

    It depends on the job's seed and on the shot ('fixed') or the frame ('per-frame') only: not on the order of
    work, the size of a batch, or the machine.
    """
    return _drawn(noise_seed(kind, seed, shot, index), shape).copy()


def noise_seed(kind: str, seed: int, shot: Shot, index: int) -> int:
    """What the noise of a shot ('fixed') or of a frame ('per-frame') is seeded with, below 2**63."""
    subject = ("frame", index) if kind == "per-frame" else ("shot", shot.start)
    digest = hashlib.sha256(f"{seed}/{subject[0]}/{subject[1]}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


@lru_cache(maxsize=1)
def _drawn(seed: int, shape: tuple[int, int, int]) -> Noise:
    """Kept because all frames of a shot ask for the same noise."""
    return Normal(seed).draw(shape)


def sampler_seed(seed: int, index: int) -> int:
    """The seed of the noise that some samplers add at each step of a frame."""
    return seed * 1_000_003 + index
