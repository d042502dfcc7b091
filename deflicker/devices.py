"""Which engine and which flow steady a film on which device."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from deflicker.engine import Engine, OpenCVEngine
from deflicker.flow import Flow
from deflicker.registered import RegisteredDIS

GRAPHICS_CARDS = ("cuda", "mps")
"""The kinds of device that torch fuses drawings on; everywhere else OpenCV does it on the processor."""


@dataclass(frozen=True)
class SteadyBackend:
    """What steadies on a device. Nothing is loaded until `load`, so that a plan can name it without torch.

    Films of two engines differ by less than an 8-bit level, but for one pixel in a thousand: there the last bits
    decide how a sketch is rounded to 8 bits, in which lines are sought. Films of one backend are the same to the
    bit.
    """

    engine: Literal["opencv", "torch"]
    flow: Literal["dis", "raft"]
    device: str
    """For torch, such as "cuda:1"; "cpu" for OpenCV."""
    weights: Path | None = None
    """Of RAFT."""

    def load(self, height: int) -> tuple[Engine, Flow]:
        """The engine and the flow, ready for use.

        Args:
            height: of the frames that the flow is searched on, px: `SteadySettings.guide_height`.

        Raises:
            ValueError: torch cannot use the device, or the weights are no RAFT checkpoint.
        """
        engine: Engine = OpenCVEngine()
        if self.engine == "torch":
            from deflicker.torch_engine import TorchEngine

            engine = TorchEngine(self.device)
        if self.weights is None:
            return engine, RegisteredDIS(height)
        from deflicker.raft import RAFT

        return engine, RAFT(self.weights, self.device)


def choose_backend(device: str = "cpu", raft: str | Path | None = None) -> SteadyBackend:
    """OpenCV and DIS on processors; torch on graphics cards, with RAFT's flow where its weights are given.

    Args:
        device: "cpu", "cuda", "cuda:1" or "mps"; any other name means the processor.
        raft: a RAFT checkpoint, see `deflicker.raft.RAFT`; not used on processors, where a network is far slower
            than DIS. Nothing is downloaded.
    """
    if device.partition(":")[0] not in GRAPHICS_CARDS:
        return SteadyBackend("opencv", "dis", "cpu")
    if raft is None:
        return SteadyBackend("torch", "dis", device)
    return SteadyBackend("torch", "raft", device, Path(raft))
