"""A small network that learns a look from the keys of one shot, and paints what no key shows.

It sees the photograph, and what is known of the painting around the hole; so it continues the colours and lines
that are there, and draws the rest as the keys draw what looks alike (Texler et al., 'Interactive Video Stylization
Using Few-Shot Patch-Based Training', SIGGRAPH 2020, without their networks). torch is loaded when one is made.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from deflicker.arrays import Image, Plane
from deflicker.keyframes.boxes import open_boxes

WIDTHS = (24, 48, 80, 112)
CHANNELS = 7
"""The photograph, what is known of the painting, and how far it is known."""
KNOWN = 0.7
"""What is known less than this is painted; elsewhere the carried picture shows through anyway."""
BESIDE = 8
"""So many px around it are painted too: paint is compared with the carried picture where the two meet."""
HALO = 16
"""Every rectangle is painted with so many px around it in sight."""
GRADIENT, ENERGY = 1.0, 0.5
"""Weights of the losses beside that of colour: of slopes, and of how much texture there is."""
ELSEWHERE = 0.15
"""The weight of what is known already, beside that of the holes."""


@dataclass(frozen=True)
class Sample:
    """A key to learn from: its photograph and its painting, (height, width, 3) float32 in [0, 1]; and what might be
    known of it: pictures carried here from other keys, or the painting itself, with (height, width) knowledge."""

    photograph: Image
    painting: Image
    known: Sequence[tuple[Image, Plane]]


@dataclass(frozen=True)
class PainterSettings:
    """How long and on what a painter learns."""

    steps: int = 500
    batch: int = 6
    patch: int = 96
    rate: float = 2e-3
    seed: int = 1


class Painter:
    """Paints the open parts of frames, as it has learnt from the keys."""

    def __init__(self, network: Any) -> None:
        self._network = network

    @classmethod
    def learn(
        cls,
        samples: Sequence[Sample],
        settings: PainterSettings | None = None,
        listener: Callable[[int, float], None] = lambda step, loss: None,
    ) -> Painter:
        """A painter of one shot.

        Args:
            samples: its keys, of one size.
            listener: is called with every step and its loss.
        """
        import torch

        settings = settings or PainterSettings()
        rng = np.random.default_rng(settings.seed)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(settings.seed)
            network = _network()
        optimizer = torch.optim.AdamW(network.parameters(), settings.rate, weight_decay=1e-4)
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, settings.rate, settings.steps, pct_start=0.1
        )
        for step in range(settings.steps):
            seen, wanted = (torch.from_numpy(each) for each in _batch(samples, settings, rng))
            seen, wanted = (each.contiguous(memory_format=torch.channels_last) for each in (seen, wanted))
            loss = _loss(network(seen), wanted, 1 - seen[:, 6:])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            listener(step, float(loss.detach()))
        return cls(network.eval())

    @classmethod
    def from_bytes(cls, data: bytes) -> Painter:
        """The painter that `to_bytes` kept.

        Raises:
            ValueError: the bytes are no painter's.
        """
        from safetensors import SafetensorError
        from safetensors.torch import load

        network = _network()
        try:
            network.load_state_dict(load(data))
        except (SafetensorError, RuntimeError) as error:
            raise ValueError("these bytes are no painter's") from error
        return cls(network.eval())

    def to_bytes(self) -> bytes:
        """What the painter has learnt, as a .safetensors file."""
        from safetensors.torch import save

        state = {name: value.contiguous() for name, value in self._network.state_dict().items()}
        return bytes(save(state))

    def paint(self, photograph: Image, carried: Image, known: Plane) -> Image:
        """The frame, painted where it is open: (height, width, 3) float32 in [0, 1].

        Args:
            photograph, carried: (height, width, 3) float32 in [0, 1].
            known: how far the carried picture is, (height, width) in [0, 1]; far from what is open it stays.
        """
        import torch

        beside = np.ones((2 * BESIDE + 1, 2 * BESIDE + 1), np.uint8)
        is_open = cv2.dilate((known < KNOWN).view(np.uint8), beside).view(bool)
        seen = _seen(photograph, carried, known)
        painted = carried.copy()
        for down, across in open_boxes(is_open, HALO):
            top, left = max(down.start - HALO, 0), max(across.start - HALO, 0)
            part = seen[:, top : down.stop + HALO, left : across.stop + HALO]
            beyond = ((0, 0), (0, -part.shape[1] % 16), (0, -part.shape[2] % 16))
            with torch.inference_mode():
                out = self._network(torch.from_numpy(np.pad(part, beyond, mode="edge")[None])).numpy()[0]
            inside = out[:, down.start - top : down.stop - top, across.start - left : across.stop - left]
            painted[down, across] = inside.transpose(1, 2, 0)
        return np.clip(painted, 0, 1)


def _seen(photograph: Image, carried: Image, known: Plane) -> Image:
    """What the network sees, (7, height, width) float32."""
    parts = (photograph, carried * known[..., None], known[..., None])
    return np.concatenate(parts, axis=2).transpose(2, 0, 1).astype(np.float32)


def _batch(
    samples: Sequence[Sample], settings: PainterSettings, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Random patches, mirrored at random, half of them around holes."""
    seen: list[Image] = []
    wanted: list[Image] = []
    while len(seen) < settings.batch:
        sample = samples[int(rng.integers(len(samples)))]
        carried, known = sample.known[int(rng.integers(len(sample.known)))]
        if rng.random() < 0.15:
            known = np.zeros_like(known)
        side = min(settings.patch, *known.shape) // 16 * 16
        for attempt in range(6):
            top, left = (int(rng.integers(most - side + 1)) for most in known.shape)
            place = slice(top, top + side), slice(left, left + side)
            if attempt == 5 or float((1 - known[place]).mean()) > 0.03:
                break
        patch = _seen(sample.photograph[place], carried[place], known[place])
        target = sample.painting[place].transpose(2, 0, 1)
        patch[:3] = np.clip(patch[:3] * np.float32(rng.uniform(0.94, 1.06)), 0, 1)
        if rng.random() < 0.5:
            patch, target = patch[..., ::-1], target[..., ::-1]
        seen.append(patch)
        wanted.append(target)
    return np.ascontiguousarray(np.stack(seen)), np.ascontiguousarray(np.stack(wanted), np.float32)


def _loss(painted: Any, wanted: Any, hole: Any) -> Any:
    import torch.nn.functional as F

    weight = ELSEWHERE + hole
    loss = (weight * (painted - wanted).abs()).sum() / weight.sum() / 3
    for axis in (2, 3):
        slopes = [each.diff(dim=axis) for each in (painted, wanted)]
        part = weight.narrow(axis, 1, weight.shape[axis] - 1)
        loss = loss + GRADIENT * (part * (slopes[0] - slopes[1]).abs()).sum() / part.sum() / 3
        sizes = [F.avg_pool2d(slope.abs(), 8) for slope in slopes]
        loss = loss + ENERGY * (sizes[0] - sizes[1]).abs().mean()
    return loss


def _network() -> Any:
    """A U-Net of four levels, half a million numbers."""
    import torch
    from torch import nn

    def block(given: int, made: int) -> nn.Module:
        return nn.Sequential(
            *(nn.Conv2d(given, made, 3, padding=1), nn.LeakyReLU(0.1, inplace=True)),
            *(nn.Conv2d(made, made, 3, padding=1), nn.LeakyReLU(0.1, inplace=True)),
        )

    class Levels(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.down = nn.ModuleList(
                block(given, made) for given, made in zip((CHANNELS, *WIDTHS[:-1]), WIDTHS, strict=True)
            )
            self.up = nn.ModuleList(
                block(deep + flat, flat) for deep, flat in zip(WIDTHS[:0:-1], WIDTHS[-2::-1], strict=True)
            )
            self.last = nn.Conv2d(WIDTHS[0], 3, 1)

        def forward(self, seen: torch.Tensor) -> torch.Tensor:
            flats: list[torch.Tensor] = []
            held = seen
            for number, level in enumerate(self.down):
                held = level(held if number == 0 else nn.functional.avg_pool2d(held, 2))
                flats.append(held)
            for level, flat in zip(self.up, flats[-2::-1], strict=True):
                held = level(torch.cat([nn.functional.interpolate(held, scale_factor=2.0), flat], 1))
            base: torch.Tensor = self.last(held) + seen[:, :3] * (1 - seen[:, 6:]) + seen[:, 3:6]
            return base

    return Levels().to(memory_format=torch.channels_last)
