"""How the colours of one drawing become those of another of the same thing.

Models that draw every frame anew change tint, saturation and tone with it. Where two drawings show the same, their
colours tell how the one palette is brought to the other: a polynomial of second degree, which holds a tint, a mix
of channels and a bent tone curve, and no place of the picture.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from deflicker.arrays import Image, Plane

TERMS = 7
"""Red, green, blue, their squares, and 1."""
SURE = 0.3
"""Places that are believed less are not asked."""
LEAST = 200
"""Of fewer places nothing is learnt."""
PULL = 0.001, 0.02
"""How much a place's worth of evidence counts for leaving colours, and for leaving tones straight, as they are."""
OTHER = 0.12
"""Places that differ by more than about this are drawn otherwise, and count little."""
MOST = 0.2
"""A change of colours that is larger on average is another drawing, and no palette."""
ROUNDS = 3


@dataclass(frozen=True)
class Palette:
    """Red, green and blue, each as a sum of the `TERMS`: three rows of seven numbers."""

    rows: tuple[tuple[float, ...], ...]

    def __post_init__(self) -> None:
        if [len(row) for row in self.rows] != [TERMS] * 3 or not np.isfinite(self.rows).all():
            raise ValueError(f"a palette is 3 rows of {TERMS} numbers.")

    def applied(self, picture: Image) -> Image:
        """The picture in these colours, (height, width, 3) float32 in [0, 1]."""
        if self == UNCHANGED:
            return picture
        terms = cv2.merge([*cv2.split(picture), *cv2.split(cv2.multiply(picture, picture))])
        return np.clip(cv2.transform(terms, np.array(self.rows, np.float32)), 0, 1)


UNCHANGED = Palette(tuple(tuple(float(row == term) for term in range(TERMS)) for row in range(3)))


def fitted(own: Image, wanted: Image, sure: Plane) -> Palette:
    """The palette that brings a drawing's colours to those of another, as far as both show the same.

    Args:
        own, wanted: the drawings, (height, width, 3) float32 in [0, 1], the one laid over the other.
        sure: how far each place shows the same, (height, width) in [0, 1].
    """
    asked = sure > SURE
    if np.count_nonzero(asked) < LEAST:
        return UNCHANGED
    given, aim, belief = own[asked].astype(np.float64), wanted[asked].astype(np.float64), sure[asked]
    terms = np.concatenate([given, given**2, np.ones((len(given), 1))], axis=1)
    straight = np.array(UNCHANGED.rows).T
    pull = len(given) * np.diag([PULL[0]] * 3 + [PULL[1]] * 3 + [PULL[0]])
    found, weight = straight, belief.astype(np.float64)
    for _ in range(ROUNDS):
        weighted = terms * weight[:, None]
        found = np.linalg.solve(weighted.T @ terms + pull, weighted.T @ aim + pull @ straight)
        apart = ((terms @ found - aim) ** 2).mean(axis=1)
        weight = belief * np.exp(-apart / (2 * OTHER**2))
    if np.abs(terms @ found - given).mean() > MOST:
        return UNCHANGED
    return Palette(tuple(tuple(float(number) for number in row) for row in found.T))
