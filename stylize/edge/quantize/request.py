"""What is asked of a build: a checkpoint with a style, a target, footage to measure on, and a folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stylize.config.resolved import ResolvedConfig
from stylize.diffusion.checkpoint_info import CheckpointInfo
from stylize.edge.library import ExportKey
from stylize.edge.manifest import TargetName
from stylize.edge.quantize.plates import Plates
from stylize.edge.targets import TARGETS, QuantizationTarget


@dataclass(frozen=True)
class TouchUp:
    """How a quantized network is trained to give its float network's outputs.

    `train` is passed in by the caller, because training imports this package and not the other way round. It takes
    the simulation, the float network, a function that starts over the network's recorded calls, the number of
    steps, and a function that is called with the number of each step; it changes the simulation in place, and what
    it returns says in words what came of it.
    """

    steps: int
    train: Callable[[Any, Any, Callable[[], Iterator[Any]], int, Callable[[int], None]], Any]


@dataclass(frozen=True)
class BuildRequest:
    """What is to be built, and where.

    `config` is how torch draws in fp32 on the CPU; `checkpoint` and `key` describe what it draws with. `plates` are
    None where nothing is measured on footage. `shape` is the one (width, height), px, that the export is for; None
    leaves sizes open. `adaround` counts iterations a layer of learned rounding; 0 rounds to the nearest.
    """

    config: ResolvedConfig
    checkpoint: CheckpointInfo
    key: ExportKey
    target: TargetName
    out: Path
    plates: Plates | None
    shape: tuple[int, int] | None = None
    adaround: int = 0
    touch_up: TouchUp | None = None

    def require_plates(self) -> Plates:
        """The plates.

        Raises:
            ValueError: there are none.
        """
        if self.plates is None:
            raise ValueError("Export and float are compared on footage, and this request has none.")
        return self.plates

    @property
    def quantization(self) -> QuantizationTarget:
        return TARGETS[self.target]

    @property
    def touch_up_steps(self) -> int:
        return self.touch_up.steps if self.touch_up else 0

    @property
    def latent_size(self) -> tuple[int, int]:
        """Height and width of the latents at which work is counted, and that a fixed export is made for."""
        grid, scale = self.checkpoint.grid, self.checkpoint.latent_scale
        width, height = self.shape or (self.checkpoint.short_side, self.checkpoint.short_side)
        return -(-height // grid) * grid // scale, -(-width // grid) * grid // scale
