"""The engine of graphics cards: the formulas of `OpenCVEngine` in torch, a whole frame at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np

from deflicker.arrays import Image, unpack
from deflicker.engine import View
from deflicker.fuse import AGREEMENT, DOUBT


class TorchEngine:
    """Bicubic grid_sample with repeated borders equals cv2.remap; the result differs by less than 1/255.

    Args:
        device: "cuda", "mps" or "cpu"; None takes a graphics card where there is one. On processors OpenCV
            is about ten times faster.

    Raises:
        ValueError: no such device.
    """

    def __init__(self, device: str | None = None) -> None:
        import torch

        if device is None:
            device = "cuda" if torch.cuda.is_available() else "cpu"
        try:
            torch.zeros(1, device=device)
        except (RuntimeError, AssertionError) as error:
            raise ValueError(f"torch cannot use {device!r} here: {error}.") from error
        self._device = device

    def fuse(self, views: Sequence[View], sigma: float) -> Image:
        import torch

        with torch.inference_mode():
            seen = [self._seen(view) for view in views]
            (own, _), others = seen[0], seen[1:]
            votes = torch.stack([own, *(own + sure * (picture - own) for picture, sure in others)])
            votes = votes.sort(dim=0).values
            middle = (votes[(len(votes) - 1) // 2] + votes[len(votes) // 2]) / 2
            weight = self._agreement(own, middle, sigma).clamp_min(DOUBT)
            total = own * weight
            for picture, sure in others:
                counts = sure * self._agreement(picture, middle, sigma)
                total += picture * counts
                weight = weight + counts
            return np.ascontiguousarray((total / weight)[0].permute(1, 2, 0).cpu().numpy())

    def _seen(self, view: View) -> tuple[Any, Any]:
        """The picture where the moment has it, (1, 3, h, w), and how far it is believed, (1, 1, h, w)."""
        import torch
        from torch.nn.functional import grid_sample

        rows, columns = view.picture.shape[:2]
        seen = self._planes(unpack(view.picture))
        if view.flow is not None:
            flow = self._planes(view.flow)
            scale = flow.new_tensor([columns / flow.shape[3], rows / flow.shape[2]]).view(1, 2, 1, 1)
            flow = self._enlarged(flow, rows, columns) * scale
            x = torch.arange(columns, device=flow.device, dtype=torch.float32) + flow[0, 0]
            y = torch.arange(rows, device=flow.device, dtype=torch.float32)[:, None] + flow[0, 1]
            where = torch.stack([2 * x / max(columns - 1, 1) - 1, 2 * y / max(rows - 1, 1) - 1], dim=-1)
            seen = grid_sample(seen, where[None], "bicubic", padding_mode="border", align_corners=True)
        if view.change is not None:
            seen = seen + self._enlarged(self._planes(view.change), rows, columns)
        if view.sure is None:
            return seen, torch.ones_like(seen[:, :1])
        return seen, self._enlarged(self._planes(view.sure[..., None]), rows, columns)

    def _agreement(self, drawing: Any, middle: Any, sigma: float) -> Any:
        import torch

        distance = ((drawing - middle) ** 2).mean(dim=1, keepdim=True)
        return torch.exp(-self._blurred(distance, sigma) / (2 * AGREEMENT**2))

    def _blurred(self, plane: Any, sigma: float) -> Any:
        """cv2.GaussianBlur of float32: 8 sigma + 1 taps, mirrored at the border without repeating it."""
        import torch
        from torch.nn.functional import conv2d

        taps = round(sigma * 8 + 1) | 1
        kernel = torch.from_numpy(cv2.getGaussianKernel(taps, sigma, cv2.CV_32F)).to(plane)
        for axis, shape in ((2, (1, 1, taps, 1)), (3, (1, 1, 1, taps))):
            size, reach = plane.shape[axis], taps // 2
            around = [
                cv2.borderInterpolate(n, size, cv2.BORDER_REFLECT_101) for n in range(-reach, size + reach)
            ]
            index = torch.tensor(around, device=plane.device)
            plane = conv2d(plane.index_select(axis, index), kernel.view(shape))
        return plane

    def _planes(self, picture: Image) -> Any:
        import torch

        return torch.from_numpy(np.ascontiguousarray(picture)).to(self._device).permute(2, 0, 1)[None]

    def _enlarged(self, planes: Any, rows: int, columns: int) -> Any:
        from torch.nn.functional import interpolate

        if planes.shape[2:] == (rows, columns):
            return planes
        return interpolate(planes, (rows, columns), mode="bilinear", align_corners=False)
