"""How near an export is to the torch pipeline in fp32."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from deflicker.metrics import film_warp_error
from stylize.edge.engines.base import open_engine
from stylize.edge.manifest import Manifest, Metrics
from stylize.edge.networks import Networks
from stylize.edge.quantize.calls import Calls
from stylize.edge.quantize.graphs import Graph
from stylize.edge.quantize.record import Moment
from stylize.footage.clip import Pixels

Array = NDArray[np.float32]


def sqnr(answer: Array, truth: Array) -> float:
    """Signal to quantization noise, dB; 150 where there is none."""
    noise = float(np.square(answer.astype(np.float64) - truth).mean())
    signal = float(np.square(truth.astype(np.float64)).mean())
    return 150.0 if noise == 0 else min(150.0, 10 * float(np.log10(max(signal, 1e-30) / noise)))


def psnr(picture: Pixels, truth: Pixels) -> float:
    """Of pictures in [0, 1], dB; 99 where they are the same."""
    error = float(np.square(picture - truth).mean())
    return 99.0 if error == 0 else min(99.0, -10 * float(np.log10(error)))


def ssim(picture: Pixels, truth: Pixels) -> float:
    """Structural similarity of pictures in [0, 1], the mean over pixels and channels.

    Source: Wang et al., "Image Quality Assessment", TIP 2004, with its Gaussian window of 1.5 px.
    """
    blur = [cv2.GaussianBlur(each, (11, 11), 1.5) for each in (picture, truth)]
    squares = [cv2.GaussianBlur(each * each, (11, 11), 1.5) for each in (picture, truth)]
    both = cv2.GaussianBlur(picture * truth, (11, 11), 1.5) - blur[0] * blur[1]
    spread = sum(square - mean * mean for square, mean in zip(squares, blur, strict=True))
    top = (2 * blur[0] * blur[1] + 1e-4) * (2 * both + 9e-4)
    bottom = (blur[0] ** 2 + blur[1] ** 2 + 1e-4) * (spread + 9e-4)
    return float((top / bottom).mean())


def frame_metrics(
    drawn: Sequence[Pixels],
    truth: Sequence[Pixels],
    ratios: tuple[float, float | None],
    flicker: float | None,
) -> Metrics:
    """Drawn frames beside float's."""
    near = [psnr(a, b) for a, b in zip(drawn, truth, strict=True)]
    error = float(np.mean([np.square(a - b).mean() for a, b in zip(drawn, truth, strict=True)]))
    return Metrics(
        psnr=round(min(99.0, -10 * float(np.log10(max(error, 1e-12)))), 2),
        psnr_worst=round(min(near), 2),
        ssim=round(float(np.mean([ssim(a, b) for a, b in zip(drawn, truth, strict=True)])), 4),
        conditioning=round(ratios[0], 4),
        control=None if ratios[1] is None else round(ratios[1], 4),
        flicker=None if flicker is None else round(flicker, 4),
        frames=len(drawn),
    )


def flicker_ratio(drawn: Sequence[Pixels], truth: Sequence[Pixels], plates: Sequence[Pixels]) -> float:
    """Squared warp error between neighbours, drawn by the export over drawn in float."""
    span = (0, len(plates))
    ours, theirs = (
        film_warp_error(film.__getitem__, plates.__getitem__, span) for film in (list(drawn), list(truth))
    )
    return ours / max(theirs, 1e-12)


@torch.no_grad()
def effect_ratios(
    folder: Path, manifest: Manifest, engine: str, graphs: Mapping[str, Graph], calls: Calls, nothing: Tensor
) -> tuple[float, float | None]:
    """How much prompt and ControlNets move the export's guess, as shares of what they do in float.

    std(with prompt - with `nothing`) and std(with ControlNets - without), export over float: quantization can leave
    a frame plausible and the conditions without effect.

    Args:
        nothing: the embedding (1, L, D) of the empty prompt.
    """
    moments = _some(calls.moments())
    height, width = (manifest.latent_scale * side for side in moments[0].latents.shape[2:])
    unet, session = graphs["unet"].module, Networks(folder, manifest, open_engine(engine), height, width)

    def float_guess(*inputs: Tensor) -> Array:
        return unet(*inputs).numpy()

    def edge_guess(*inputs: Tensor) -> Array:
        return session.session("unet").run([each.numpy() for each in inputs])[0].copy()

    effects: dict[str, list[float]] = {"prompt": [], "control": []}
    for moment in moments:
        residuals = calls.residuals_at(moment)
        silent = tuple(torch.zeros_like(each) for each in residuals)
        for guess in (edge_guess, float_guess):
            held = guess(moment.latents, moment.timestep, moment.prompt, *residuals)
            unprompted = guess(moment.latents, moment.timestep, nothing, *residuals)
            effects["prompt"].append(float((held - unprompted).std()))
            if residuals:
                loose = guess(moment.latents, moment.timestep, moment.prompt, *silent)
                effects["control"].append(float((held - loose).std()))
    return _share(effects["prompt"]), _share(effects["control"]) if effects["control"] else None


def _share(pairs: list[float]) -> float:
    """Export and float in turn: the ratio of their sums."""
    return sum(pairs[0::2]) / max(sum(pairs[1::2]), 1e-12)


def _some(moments: Sequence[Moment], count: int = 3) -> list[Moment]:
    return [moments[round(place)] for place in np.linspace(0, len(moments) - 1, min(count, len(moments)))]


def plain(answers: Any) -> list[Array]:
    """A graph's answers as arrays."""
    several = answers if isinstance(answers, tuple | list) else (answers,)
    return [each.detach().numpy() for each in several]
