"""How close an export is to the torch pipeline in fp32."""

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
from stylize.edge.engines import open_engine
from stylize.edge.manifest import Manifest, Metrics
from stylize.edge.networks import Networks
from stylize.edge.quantize.calls import Calls
from stylize.edge.quantize.graphs import Graph
from stylize.edge.quantize.record import UNetCall
from stylize.footage.clip import Pixels

Array = NDArray[np.float32]


def sqnr(output: Array, truth: Array) -> float:
    """Signal to quantization noise ratio, dB; 150 where there is no noise."""
    noise = float(np.square(output.astype(np.float64) - truth).mean())
    signal = float(np.square(truth.astype(np.float64)).mean())
    return 150.0 if noise == 0 else min(150.0, 10 * float(np.log10(max(signal, 1e-30) / noise)))


def psnr(picture: Pixels, truth: Pixels) -> float:
    """Peak signal to noise ratio of pictures in [0, 1], dB; 99 where they are the same."""
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
    """The metrics of drawn frames, compared with the same frames drawn in float.

    Args:
        ratios: see `effect_ratios`.
        flicker: see `flicker_ratio`.
    """
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
    """The squared warp error between consecutive frames, of the export over that of float."""
    span = (0, len(plates))
    ours, theirs = (
        film_warp_error(film.__getitem__, plates.__getitem__, span) for film in (list(drawn), list(truth))
    )
    return ours / max(theirs, 1e-12)


@torch.no_grad()
def effect_ratios(
    folder: Path,
    manifest: Manifest,
    engine: str,
    graphs: Mapping[str, Graph],
    calls: Calls,
    empty_prompt: Tensor,
) -> tuple[float, float | None]:
    """How strongly prompt and ControlNets change the export's predictions, as shares of what they do in float.

    The effects are std(with prompt - with the empty prompt) and std(with ControlNets - without): quantization can
    leave frames plausible and take the conditions' effect away.

    Args:
        empty_prompt: the embedding (1, L, D) of the empty prompt.

    Returns:
        The ratio for the prompt, and for the ControlNets; None where there are none.
    """
    some = _some(calls.of_unet)
    height, width = (manifest.latent_scale * side for side in some[0].latents.shape[2:])
    session = Networks(folder, manifest, open_engine(engine), height, width).session("unet")

    def predict_float(*inputs: Tensor) -> Array:
        return graphs["unet"].module(*inputs).numpy()

    def predict_export(*inputs: Tensor) -> Array:
        return session.run([each.numpy() for each in inputs])[0].copy()

    effects: dict[str, list[float]] = {"prompt": [], "control": []}
    for call in some:
        residuals = calls.residuals_at(call)
        no_residuals = tuple(torch.zeros_like(each) for each in residuals)
        for predict in (predict_export, predict_float):
            both = predict(call.latents, call.timestep, call.prompt, *residuals)
            unprompted = predict(call.latents, call.timestep, empty_prompt, *residuals)
            effects["prompt"].append(float((both - unprompted).std()))
            if residuals:
                uncontrolled = predict(call.latents, call.timestep, call.prompt, *no_residuals)
                effects["control"].append(float((both - uncontrolled).std()))
    return _share(effects["prompt"]), _share(effects["control"]) if effects["control"] else None


def _share(pairs: list[float]) -> float:
    """The sum of the export's effects over that of float's; they alternate in the list."""
    return sum(pairs[0::2]) / max(sum(pairs[1::2]), 1e-12)


def _some(calls: Sequence[UNetCall], count: int = 3) -> list[UNetCall]:
    return [calls[round(place)] for place in np.linspace(0, len(calls) - 1, min(count, len(calls)))]


def plain(outputs: Any) -> list[Array]:
    """A graph's outputs as arrays."""
    several = outputs if isinstance(outputs, tuple | list) else (outputs,)
    return [each.detach().numpy() for each in several]
