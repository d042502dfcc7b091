"""What a pass is: one step of a frame's way, which says everything about itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any, Protocol, runtime_checkable

from stylize.footage.clip import Pixels
from stylize.passes.frame_set import FrameSet

PLATE = "plate"
"""The name under which passes read the source's own frames, at the source's size."""

Pictures = tuple[Pixels, ...]
"""What a pass makes of one frame: a picture for each name in `Pass.gives`, (height, width, 3 or 4) float32."""


class Inputs(Protocol):
    """What a pass may read: footage, and the pictures of the passes before it."""

    def frames(
        self, name: str, numbers: Sequence[int], size: tuple[int, int] | None = None
    ) -> Iterator[Pixels]:
        """What `name` shows at these frames, which ascend where `name` is footage: the picture of a pass, or the
        drawing that is held there.

        Args:
            size: (width, height) px to which they are scaled down, see `stylize.diffusion.sizes.scale_down`. Such
                pictures are shared with other passes, and are not to be written to.
        """


class Pass(ABC):
    """One step of a frame's way.

    A frame's pictures depend on the frames within `lookaround` of it, counted among those that the pass makes of
    its shot, and on nothing else: not on the order of work, nor on where a chunk of frames begins.

    Attributes:
        name: of the pass, unique within a run.
        frames: the frames that it makes.
        size: (width, height) of its pictures, px.
        lookaround: how many frames before and after its own it reads.
        batch_alignment: it computes this many frames at once, counted from a shot's start.
        depends_on_frame_set: whether a frame's pixels depend on which other frames are made.
        depends_on_first: whether they depend on which frame of the shot is the first to be made.
        window_frames: how many frames it holds in memory at once.
        fingerprint: what its frames are kept under in a job; it stands for all that they are made from.
        channels: of its pictures: 3, or 4 with alpha.
        device: what it computes on, such as "cuda": a farm sends it to machines that have one.
        in_previews: it is made for the preview of one frame too; by default only if it looks at no other.
    """

    name: str
    frames: FrameSet
    size: tuple[int, int]
    lookaround: tuple[int, int] = (0, 0)
    batch_alignment: int = 1
    depends_on_frame_set: bool = False
    depends_on_first: bool = False
    window_frames: int = 1
    fingerprint: str = ""
    channels: int = 3
    device: str = "cpu"

    @property
    def in_previews(self) -> bool:
        return self.lookaround == (0, 0)

    @property
    def gives(self) -> tuple[str, ...]:
        """The names of its pictures; later passes ask for them by these."""
        return (self.name,)

    @property
    def needs(self) -> tuple[str, ...]:
        """The names of the pictures that it reads, of footage or of earlier passes."""
        return ()

    @abstractmethod
    def settings(self) -> object:
        """Every setting that the pass reads, as JSON can hold it: a change of any makes new frames."""

    @abstractmethod
    def render(self, shot: Sequence[int], wanted: range, inputs: Inputs) -> Iterator[tuple[int, Pictures]]:
        """Yields frames in order, each with its number.

        Args:
            shot: the numbers of the frames that this pass makes of one shot, ascending, from the shot's first.
            wanted: which of them are asked for, as positions in `shot`.
            inputs: where to read.
        """

    def reads(self, shot: Sequence[int], wanted: range) -> dict[str, Sequence[int]]:
        """The frames that are read to make `wanted`, by the names in `needs`: see `render`."""
        step = self.batch_alignment
        whole = range(wanted.start // step * step, min(len(shot), -(-wanted.stop // step) * step))
        near = reach(shot, whole, self.lookaround)
        return dict.fromkeys(self.needs, shot[near.start : near.stop])

    def preview_frames(self, shot: Sequence[int], index: int) -> tuple[Sequence[int], range]:
        """What to render to show frame `index` alone, as `render` takes it.

        Args:
            shot: every frame of the shot.
        """
        position = index - shot[0]
        return shot, range(position, position + 1)

    def network_frames(self, numbers: Sequence[int]) -> float:
        """How many frames of the film's working size the networks draw to make these frames."""
        return 0.0

    def held_bytes(self, shot: Sequence[int], plate: tuple[int, int]) -> int:
        """What it holds of a whole shot at once, beside its window, for a plan.

        Args:
            shot: the frames that it makes of the shot.
            plate: (width, height) of the source, px.
        """
        return 0

    def close(self) -> None:  # noqa: B027 (most passes load nothing)
        """Releases what rendering loaded; it is loaded again when needed."""


@runtime_checkable
class ReportsNotes(Protocol):
    """A pass that has something to report of some frames."""

    def note(self, number: int) -> dict[str, Any] | None:
        """What is to be reported of the frame that was yielded last, as JSON can hold it."""


def reach(shot: Sequence[int], wanted: range, lookaround: tuple[int, int]) -> range:
    """The positions in `shot` that must be read to make `wanted`; nothing is read across a cut."""
    behind, ahead = lookaround
    return range(max(0, wanted.start - behind), min(len(shot), wanted.stop + ahead))
