"""A camera on single pictures: grade, depth of field, shake, noise, JPEG compression with 4:2:0 chroma.

Its counterpart for batches of tensors, while training, is `training.base.sensor`.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np


@dataclass(frozen=True)
class Camera:
    """One take's settings; lengths in px of the picture.

    The grade (`gains`, `gamma`, `contrast`, `black`) belongs to the scene's colours, so the drawing has it too.
    All else is in the photograph only.
    """

    gains: tuple[float, float, float]
    gamma: float
    contrast: float
    black: float
    blur: float
    bokeh: float
    shake: float
    shake_angle: float
    noise: float
    quality: int
    vignette: float

    @classmethod
    def draw(cls, rng: np.random.Generator, night: bool = False) -> Camera:
        warm, green = rng.normal(0, 0.035), rng.normal(0, 0.012)
        return cls(
            gains=(1 + warm, 1 + green, 1 - warm),
            gamma=float(np.exp(rng.normal(-0.02, 0.1))),
            contrast=float(np.exp(rng.normal(0.0, 0.09))),
            black=float(max(0.0, rng.normal(0.01, 0.025))),
            blur=float(rng.choice([rng.uniform(0, 0.45), rng.uniform(0.45, 0.95)], p=[0.72, 0.28])),
            bokeh=float(rng.uniform(1.0, 4.5)) if rng.random() < 0.35 else 0.0,
            shake=float(rng.uniform(2, 7)) if rng.random() < 0.12 else 0.0,
            shake_angle=float(rng.uniform(0, np.pi)),
            noise=min(float(rng.exponential(0.007)), 0.03) + (0.008 if night else 0.002),
            quality=int(rng.integers(45, 97)),
            vignette=float(max(0.0, rng.normal(0, 0.12))),
        )

    def grade(self, picture: np.ndarray) -> np.ndarray:
        """A picture (H, W, 3) in [0, 1] in the colours of this take."""
        graded = np.clip(picture * np.asarray(self.gains, np.float32), 0, 1) ** self.gamma
        graded = 0.45 + (graded - 0.45) * self.contrast
        return np.clip(self.black + (1 - self.black) * graded, 0, 1).astype(np.float32)

    def through_lens(self, picture: np.ndarray, depth: np.ndarray) -> np.ndarray:
        """The graded picture with the blur of lens and shake, and vignetting; `depth` (H, W) is 0 in focus, 1
        far."""
        if self.bokeh:
            picture = defocus(picture, depth, self.bokeh)
        if self.blur > 0.15:
            picture = cv2.GaussianBlur(picture, (0, 0), self.blur)
        if self.shake:
            picture = cv2.filter2D(picture, -1, _streak(self.shake, self.shake_angle))
        if self.vignette:
            height, width = depth.shape
            y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
            x = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
            picture = picture * (1 - 0.5 * self.vignette * (x * x + y * y))[..., None]
        return np.clip(picture, 0, 1).astype(np.float32)

    def record(self, picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """The picture from the lens with sensor noise and compression, (H, W, 3) float32 in [0, 1]."""
        grain = rng.standard_normal(picture.shape, np.float32)
        grain = 0.6 * grain + 0.4 * grain[..., 1:2]
        if self.quality < 70:
            grain = cv2.GaussianBlur(grain, (0, 0), 0.6) * 1.5
        picture = picture + self.noise * grain * (0.5 + 0.7 * np.sqrt(np.clip(picture, 0, 1)))
        return _compress(picture, self.quality)


def defocus(picture: np.ndarray, depth: np.ndarray, sigma: float) -> np.ndarray:
    """A picture with what is far away blurred, without colours of near things in the blur (normalised
    convolution)."""
    far = np.clip(depth * 1.6, 0, 1)
    if not far.any():
        return picture
    spread = cv2.GaussianBlur(picture * far[..., None], (0, 0), sigma)
    weight = cv2.GaussianBlur(far, (0, 0), sigma)
    soft = spread / np.maximum(weight, 1e-3)[..., None]
    alpha = cv2.GaussianBlur(far, (0, 0), 0.5)[..., None]
    return picture + (soft - picture) * alpha


def _streak(length: float, angle: float) -> np.ndarray:
    size = int(np.ceil(length)) | 1
    kernel = np.zeros((size, size), np.uint8)
    middle, reach = size // 2, length / 2
    dx, dy = reach * np.cos(angle), reach * np.sin(angle)
    ends = [(round((middle + s * dx) * 16), round((middle + s * dy) * 16)) for s in (-1, 1)]
    cv2.line(kernel, ends[0], ends[1], 255, 1, cv2.LINE_AA, 4)
    weights = kernel.astype(np.float32)
    return weights / weights.sum()


def _compress(picture: np.ndarray, quality: int) -> np.ndarray:
    """An 8-bit 4:2:0 JPEG round trip."""
    eight = np.round(np.clip(picture[..., ::-1], 0, 1) * 255).astype(np.uint8)
    settings = [cv2.IMWRITE_JPEG_QUALITY, quality]
    done, data = cv2.imencode(".jpg", eight, settings)
    if not done:
        raise RuntimeError("OpenCV could not compress the picture.")
    back = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR))
    return back[..., ::-1].astype(np.float32) / 255
