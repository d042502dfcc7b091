"""Every number of a row of the table, but time and memory."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from benchmarks.steady.film import Film
from deflicker import metrics
from deflicker.arrays import Field, Image

FRAMES_PER_SECOND = 24.0
WIDE = 8
"""The longer of the two distances, in frames, at which E_warp is measured."""


class Judge:
    """Scores films against one film's truth; what all scores need is computed once."""

    def __init__(self, film: Film) -> None:
        self._film = film

    @cached_property
    def _flows(self) -> dict[tuple[int, int], tuple[Field, NDArray[np.bool_]]]:
        return {
            (t, t + k): self._film.exact_flow(t, t + k)
            for k in (1, WIDE)
            for start, end in self._film.shots
            for t in range(start, end - k)
        }

    @cached_property
    def _hidden(self) -> list[NDArray[np.bool_]]:
        """Per frame, what the frame before or the frame after does not show."""
        hidden = []
        for start, end in self._film.shots:
            for t in range(start, end):
                near = [u for u in (t - 1, t + 1) if start <= u < end]
                hidden.append(~np.all([self._film.exact_flow(t, u)[1] for u in near], axis=0))
        return hidden

    def score(self, frames: Sequence[Image]) -> dict[str, float]:
        """E_warp and occluded: mean squared error x 1000; drift: mean square x 1e6; tOF in px."""
        film, row = self._film, {}
        for k in (1, WIDE):
            errors = [
                metrics.warp_error(frames[t], frames[u], flow, seen)
                for (t, u), (flow, seen) in self._flows.items()
                if u - t == k
            ]
            row[f"E k={k}"] = 1e3 * float(np.mean(errors))
        pairs = list(zip(frames, film.clean, strict=True))
        error = float(np.mean([np.mean((a - b) ** 2, dtype=np.float64) for a, b in pairs]))
        row["PSNR"] = float("inf") if error == 0 else -10 * float(np.log10(error))
        row["sharp"] = float(np.mean([metrics.sharpness(*pair) for pair in pairs]))
        row["lines"] = float(np.mean([metrics.likeness_of_lines(*pair) for pair in pairs]))
        row["tOF"] = float(
            np.mean(
                [
                    metrics.motion_error((frames[t], frames[t + 1]), (film.clean[t], film.clean[t + 1]))
                    for start, end in film.shots
                    for t in range(start, end - 1)
                ]
            )
        )
        drifts = [
            metrics.drift_energy(frames[start:end], film.clean[start:end], FRAMES_PER_SECOND)
            for start, end in film.shots
        ]
        row["<3Hz"], row[">3Hz"] = (1e6 * float(value) for value in np.mean(drifts, axis=0))
        hidden = [np.mean((a - b)[m] ** 2) for (a, b), m in zip(pairs, self._hidden, strict=True) if m.any()]
        row["occl."] = 1e3 * float(np.mean(hidden)) if hidden else 0.0
        return row
