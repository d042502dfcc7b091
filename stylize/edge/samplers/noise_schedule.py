"""How much noise each timestep has, and which timesteps a run visits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stylize.errors import ModelError

Array = NDArray[np.float32]

UNSUPPORTED = {
    "trained_betas": None,
    "thresholding": False,
    "use_karras_sigmas": False,
    "use_exponential_sigmas": False,
    "use_beta_sigmas": False,
    "use_lu_lambdas": False,
    "use_flow_sigmas": False,
}
"""Settings of a scheduler that are supported at these values only."""


@dataclass(frozen=True)
class NoiseSchedule:
    """A scheduler's settings, by diffusers' names, and its `alphas`: the cumulative products of (1 - beta),
    float32, one a timestep; diffusers calls them `alphas_cumprod`.

    Source: Ho et al., "Denoising Diffusion Probabilistic Models", 2020; the spacings from Lin et al., "Common
    Diffusion Noise Schedules and Sample Steps are Flawed", WACV 2024, table 2.
    """

    config: dict[str, Any]
    alphas: Array

    @classmethod
    def read(cls, config: dict[str, Any]) -> NoiseSchedule:
        """The schedule of a scheduler's settings.

        Raises:
            ModelError: a setting is not supported here.
        """
        for key, usual in UNSUPPORTED.items():
            if config.get(key, usual) not in (usual, None):
                raise ModelError(
                    f"This checkpoint's scheduler sets {key}, which the edge runtime does not support.",
                    hint="use --runtime torch",
                )
        count = int(config.get("num_train_timesteps", 1000))
        first, last = config.get("beta_start", 0.0001), config.get("beta_end", 0.02)
        schedule = config.get("beta_schedule", "linear")
        if schedule == "linear":
            betas = np.linspace(first, last, count, dtype=np.float32)
        elif schedule == "scaled_linear":
            betas = np.linspace(first**0.5, last**0.5, count, dtype=np.float32) ** 2
        elif schedule == "squaredcos_cap_v2":
            progress = np.arange(count + 1) / count
            bars = np.cos((progress + 0.008) / 1.008 * np.pi / 2) ** 2
            betas = np.minimum(1 - bars[1:] / bars[:-1], 0.999).astype(np.float32)
        else:
            raise ModelError(
                f"The noise schedule {schedule!r} is not supported by the edge runtime.",
                hint="use --runtime torch",
            )
        alphas = np.cumprod(1 - betas, dtype=np.float32)
        if config.get("rescale_betas_zero_snr", False):
            alphas = _rescale(alphas)
        return cls(config, alphas)

    @property
    def count(self) -> int:
        """The number of timesteps that the network was trained on."""
        return len(self.alphas)

    @property
    def prediction_type(self) -> str:
        """What the network predicts: 'epsilon', 'sample' or 'v_prediction'."""
        return str(self.config.get("prediction_type", "epsilon"))

    @property
    def last_alpha(self) -> float:
        """The alpha that the last step leads to."""
        return 1.0 if self.config.get("set_alpha_to_one", True) else float(self.alphas[0])

    def alpha(self, timestep: int) -> float:
        """The alpha of a timestep; below 0 lies the one that the last step leads to."""
        return float(self.alphas[timestep]) if timestep >= 0 else self.last_alpha

    def spaced(self, steps: int, spacing: str | None = None) -> NDArray[np.float64]:
        """`steps` timesteps, noisiest first, not rounded.

        Args:
            spacing: 'linspace', 'leading' or 'trailing', in place of the scheduler's own.

        Raises:
            ModelError: an unknown spacing.
        """
        kind = spacing or self.config.get("timestep_spacing", "leading")
        offset = int(self.config.get("steps_offset", 0))
        if kind == "linspace":
            return np.linspace(0, self.count - 1, steps)[::-1].copy()
        if kind == "leading":
            return np.asarray((np.arange(steps) * (self.count // steps))[::-1] + offset, np.float64)
        if kind == "trailing":
            return np.asarray(np.round(np.arange(self.count, 0, -self.count / steps)) - 1, np.float64)
        raise ModelError(
            f"The timestep spacing {kind!r} is not supported by the edge runtime.", hint="use --runtime torch"
        )

    def clean(self, prediction: Array, sample: Array, alpha: float) -> Array:
        """The clean latents that a prediction stands for, clipped if the scheduler clips."""
        if self.prediction_type == "epsilon":
            clean = (sample - (1 - alpha) ** 0.5 * prediction) / alpha**0.5
        elif self.prediction_type == "sample":
            clean = prediction
        else:
            clean = alpha**0.5 * sample - (1 - alpha) ** 0.5 * prediction
        if self.config.get("clip_sample", False):
            reach = float(self.config.get("clip_sample_range", 1.0))
            clean = np.clip(clean, -reach, reach)
        return np.asarray(clean, np.float32)


def _rescale(alphas: Array) -> Array:
    """Alphas that end in pure noise (Lin et al., algorithm 1), but just above zero: solvers divide by them."""
    roots = np.sqrt(alphas)
    first, last = roots[0].copy(), roots[-1].copy()
    roots = (roots - last) * first / (first - last)
    alphas = roots**2
    alphas[-1] = max(alphas[-1], 2.0**-24)
    return alphas.astype(np.float32)
