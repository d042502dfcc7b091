"""How much a film flickers, and what calming it has cost.

A blur or a mean over time scores well on every measure of change alone. Report `warp_error` at k = 1 and
k = 8, beside the floor that the clean film (or the photographed one) scores, and always with `sharpness`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from deflicker.arrays import Field, Image, luma8
from deflicker.flow import DIS, Flow
from deflicker.warp import warp

FrameAt = Callable[[int], Image]


def visible(forward: Field, backward: Field) -> NDArray[np.bool_]:
    """Where frame t-1 is seen again in frame t, as Lai et al. (ECCV 2018) after Ruder et al. (2016).

    Occluded where |A + B(x+A)|^2 > .01 (|A|^2 + |B(x+A)|^2) + .5, or at a motion boundary:
    |grad u|^2 + |grad v|^2 > .01 |A|^2 + .002.

    Args:
        forward: A = F(t-1->t); backward: B = F(t->t-1). (height, width, 2) float32 px.

    Returns:
        (height, width) bool.
    """
    back = warp(backward, forward, smooth=False)
    squared = (forward**2).sum(axis=-1)
    returns = ((forward + back) ** 2).sum(axis=-1) <= 0.01 * (squared + (back**2).sum(axis=-1)) + 0.5
    axes = [axis for axis in (0, 1) if forward.shape[axis] > 1]  # along one pixel nothing changes
    slope = sum((np.gradient(forward[..., c], axis=a) ** 2 for c in (0, 1) for a in axes), np.float32(0))
    return returns & (slope <= 0.01 * squared + 0.002)


def warp_error(before: Image, after: Image, forward: Field, mask: NDArray[np.bool_]) -> float:
    """E_warp of one pair: the masked mean squared error of `after` warped back onto `before`.

    Args:
        before, after: finished frames t and t+k, (height, width, 3) float32 in [0, 1].
        forward: F(t->t+k) on the *photographed* frames.
        mask: where to measure, from `visible`.

    Returns:
        a mean over pixels and channels; 0 where nothing is visible in both.
    """
    if not mask.any():
        return 0.0
    return float(((warp(after, forward) - before)[mask] ** 2).mean())


def film_warp_error(
    film: FrameAt, source: FrameAt, span: tuple[int, int], k: int = 1, flow: Flow | None = None
) -> float:
    """The mean of `warp_error` over the pairs (t, t+k) inside one shot.

    The floor is the same number for the clean film, or, where there is none, for the source itself.

    Args:
        film, source: give frame t.
        span: the shot, start included, end not.
    """
    flow = flow or DIS()
    errors = []
    for t in range(span[0], span[1] - k):
        here, there = source(t), source(t + k)
        forward = flow(here, there)
        errors.append(warp_error(film(t), film(t + k), forward, visible(forward, flow(there, here))))
    if not errors:
        raise ValueError(f"a shot of {span[1] - span[0]} frames has no two frames {k} apart.")
    return float(np.mean(errors))


def motion_error(film: tuple[Image, Image], reference: tuple[Image, Image]) -> float:
    """tOF (Chu et al., TecoGAN, SIGGRAPH 2020): mean |Farneback(film) - Farneback(reference)|, in px.

    Args:
        film, reference: two successive frames each.
    """

    def motion(pair: tuple[Image, Image]) -> Field:
        before, after = (luma8(frame) for frame in pair)
        return cv2.calcOpticalFlowFarneback(  # type: ignore[call-overload]
            before, after, None, 0.5, 3, 15, 3, 5, 1.2, 0
        )

    return float(np.abs(motion(film) - motion(reference)).mean())


def perceptual_error(
    film: tuple[Image, Image], reference: tuple[Image, Image], distance: Callable[[Image, Image], float]
) -> float:
    """tLP100 (Chu et al., TecoGAN, SIGGRAPH 2020): 100 |d(film) - d(reference)|, d the change between frames.

    Args:
        film, reference: two successive frames each.
        distance: of two pictures; the paper's is `deflicker.lpips.Lpips`, which needs its weights.
    """
    return 100 * abs(distance(*film) - distance(*reference))


def sharpness(image: Image, reference: Image) -> float:
    """How steep the lines are, as a ratio to the reference's: 1 is as sharp, .5 is half as steep.

    Measured at the reference's edges (the steepest tenth of it), each taking the steepest gradient within
    2 px, so that a line that moved is not mistaken for a line that blurred.
    """
    slopes = [_steepness(frame) for frame in (image, reference)]
    edges = slopes[1] >= np.quantile(slopes[1], 0.9)
    steepest = [cv2.dilate(slope, np.ones((5, 5), np.uint8)) for slope in slopes]
    own, due = (float(slope[edges].mean()) for slope in steepest)
    return 1.0 if own == due else own / max(due, 1e-9)


def likeness_of_lines(image: Image, reference: Image) -> float:
    """The correlation of the two drawings' lines (luma less its Gaussian of 2 px), in [-1, 1]."""
    details = []
    for frame in (image, reference):
        luma = luma8(frame).astype(np.float32)
        details.append((luma - cv2.GaussianBlur(luma, (0, 0), 2.0)).ravel())
    return float(np.corrcoef(details[0], details[1])[0, 1])


def drift(film: FrameAt, span: tuple[int, int]) -> float:
    """How far the shot's mean colour wanders: the largest channel's standard deviation of frame means."""
    means = np.array([film(t).mean(axis=(0, 1)) for t in range(*span)])
    return float(means.std(axis=0).max())


def drift_energy(
    film: Sequence[Image], reference: Sequence[Image], rate: float, split: float = 3.0
) -> tuple[float, float]:
    """How much of a shot's error in local colour changes slowly, as drift, and how much fast, as flicker.

    The error is the film less its reference, averaged over a grid of 9 x 16 blocks; its periodogram, summed
    without the constant, is divided at `split`. By Parseval the two add up to the error's variance in time.

    Args:
        film, reference: one shot, (height, width, 3) float32 each; the reference is the clean film.
        rate: frames a second.
        split: Hz.

    Returns:
        below and above: mean squares over blocks and channels.
    """
    if len(film) != len(reference) or not len(film):
        raise ValueError(f"a film of {len(film)} frames has no reference of {len(reference)}.")
    blocks = np.stack(
        [
            cv2.resize(cv2.subtract(a, b), (16, 9), interpolation=cv2.INTER_AREA).ravel()
            for a, b in zip(film, reference, strict=True)
        ]
    ).astype(np.float64)
    count = len(blocks)
    power = np.abs(np.fft.fft(blocks - blocks.mean(axis=0), axis=0) / count) ** 2
    slow = np.abs(np.fft.fftfreq(count, 1 / rate)) < split
    return float(power[slow].sum(axis=0).mean()), float(power[~slow].sum(axis=0).mean())


def psnr(image: Image, reference: Image) -> float:
    """Peak signal-to-noise ratio in dB for a peak of 1; infinite for equal images."""
    error = float(np.mean((image - reference) ** 2, dtype=np.float64))
    return float("inf") if error == 0 else -10 * float(np.log10(error))


def _steepness(frame: Image) -> NDArray[np.float32]:
    luma = luma8(frame).astype(np.float32)
    return np.hypot(cv2.Sobel(luma, cv2.CV_32F, 1, 0), cv2.Sobel(luma, cv2.CV_32F, 0, 1))
