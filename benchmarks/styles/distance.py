"""How far pictures are from a set of drawings in palette, in line and in texture.

Each is a distance between two *sets* of pictures, which need not show the same things:

- palette: sliced Wasserstein distance of the pixels' CIE Lab colours (Rabin et al., 2011), 64 directions, in units
  of Delta E.
- line: Wasserstein distances of three distributions over the pixels: how dark narrow dark lines are (a closing less
  the picture), how light narrow light ones are (the picture less an opening), and the size of the luma's gradient.
- texture: Gram matrices of filter answers of the luma and of the two colour differences (Gatys et al., 2015, with a
  fixed bank of 24 oriented Gabor filters at three widths in place of a trained network), compared by the mean
  absolute difference of their logarithms on the diagonal and of the correlations beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from stylize.footage.clip import Pixels

Plane = NDArray[np.float32]
DIRECTIONS = 64
QUANTILES = np.linspace(0.005, 0.995, 200)
WIDTHS_PX, TURNS = (3.0, 6.0, 12.0), 4
LINE_PX = 7
EACH = 20_000
"""Pixels that a picture gives to the palette."""


@dataclass(frozen=True)
class Distance:
    palette: float
    line: float
    texture: float

    def share_of(self, other: Distance) -> Distance:
        """Each part as a share of another distance's."""
        return Distance(self.palette / other.palette, self.line / other.line, self.texture / other.texture)

    @property
    def mean(self) -> float:
        return (self.palette + self.line + self.texture) / 3


@dataclass(frozen=True)
class Statistics:
    """What a set of pictures is compared by."""

    palette: NDArray[np.float64]
    """Quantiles of the colours along every direction, (DIRECTIONS, 200)."""
    lines: NDArray[np.float64]
    """Quantiles of the three line measures, (3, 200)."""
    energies: NDArray[np.float64]
    correlations: NDArray[np.float64]

    @classmethod
    def of(cls, pictures: Sequence[Pixels]) -> Statistics:
        colours = np.concatenate([_colours(picture, n) for n, picture in enumerate(pictures)])
        along = np.random.default_rng(7).normal(size=(DIRECTIONS, 3))
        along /= np.linalg.norm(along, axis=1, keepdims=True)
        palette = np.quantile(colours @ along.T, QUANTILES, axis=0).T
        lines = [np.concatenate(values) for values in zip(*(_lines(each) for each in pictures), strict=True)]
        gram = np.mean([_gram(picture) for picture in pictures], axis=0)
        energy = np.sqrt(np.maximum(np.diag(gram), 1e-10))
        upper = np.triu_indices(len(gram), 1)
        return cls(
            palette,
            np.stack([np.quantile(values, QUANTILES) for values in lines]),
            np.log(energy + 2e-3),
            (gram / np.outer(energy, energy))[upper],
        )

    def to(self, other: Statistics) -> Distance:
        return Distance(
            palette=float(np.abs(self.palette - other.palette).mean()),
            line=float(np.abs(self.lines - other.lines).mean()),
            texture=float(
                np.abs(self.energies - other.energies).mean()
                + np.abs(self.correlations - other.correlations).mean()
            ),
        )


def _colours(picture: Pixels, number: int) -> NDArray[np.float32]:
    lab = cv2.cvtColor(picture, cv2.COLOR_RGB2LAB).reshape(-1, 3)
    return np.asarray(lab[np.random.default_rng(number).integers(0, len(lab), EACH)], np.float32)


def _lines(picture: Pixels) -> tuple[Plane, Plane, Plane]:
    grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.float32)
    window = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (LINE_PX, LINE_PX))
    dark = cv2.morphologyEx(grey, cv2.MORPH_CLOSE, window) - grey
    light = grey - cv2.morphologyEx(grey, cv2.MORPH_OPEN, window)
    slope = np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)) / 4
    few = np.random.default_rng(0).integers(0, grey.size, EACH)
    return tuple(np.asarray(plane, np.float32).ravel()[few] for plane in (dark, light, slope))  # type: ignore[return-value]


def _gram(picture: Pixels) -> NDArray[np.float64]:
    """Mean products of the answers, (36, 36): twelve filters on luma, Cr and Cb."""
    planes = cv2.split(cv2.cvtColor(picture, cv2.COLOR_RGB2YCrCb))
    answers = np.stack([cv2.filter2D(plane, cv2.CV_32F, kernel) for plane in planes for kernel in _bank()])
    flat = answers.reshape(len(answers), -1).astype(np.float64)
    return flat @ flat.T / flat.shape[1]


def _bank() -> list[Plane]:
    kernels = []
    for width in WIDTHS_PX:
        size = int(2 * width) | 1
        for turn in range(TURNS):
            kernel = cv2.getGaborKernel(
                (size, size), 0.4 * width, np.pi * turn / TURNS, width, 0.7, 0, cv2.CV_32F
            )
            kernel -= kernel.mean()
            kernels.append(kernel / np.abs(kernel).sum())
    return kernels
