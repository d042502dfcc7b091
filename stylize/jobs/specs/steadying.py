"""Finished frames of any tool, steadied along the motion of their source."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from deflicker import SteadySettings
from deflicker.keyframes import Palette
from stylize.config.settings import Repair
from stylize.footage.clip import Clip
from stylize.footage.source import FootageSource
from stylize.jobs.specs.base import BuiltPasses, SegmentContext
from stylize.passes.base import PLATE, Pass
from stylize.passes.frame_set import FrameSet
from stylize.storage.fingerprint import fingerprint

STYLIZED = "stylized"
"""The name under which passes read the finished frames."""


@dataclass(frozen=True)
class SteadyingSpec:
    """What is steadied along what, and how.

    Attributes:
        stylized: the finished frames.
        plate: what they were made from, at their size.
        strength: of the deflicker, 0 to 1; 0 leaves it out.
        repair: what is done about unstable frames.
        keys: the finished frames that are kept and carried, in place of all others; none: all are steadied.
        palettes: what brings the colours of each key to those of the others; none: they stay as they are.

    Raises:
        ValueError: there are not as many palettes as keys.
    """

    stylized: FootageSource
    plate: FootageSource
    strength: float
    repair: Repair
    keys: tuple[int, ...] = ()
    palettes: tuple[Palette, ...] = ()
    kind: Literal["steadying"] = "steadying"

    def __post_init__(self) -> None:
        if self.palettes and len(self.palettes) != len(self.keys):
            raise ValueError(f"{len(self.palettes)} palettes were given for {len(self.keys)} keys.")

    def identity(self, contents: Callable[[Clip], str]) -> str:
        """Stands for both films, by what stands for the contents of each, and for how their frames lie together."""
        first, shift = self.stylized.first, self.plate.first
        return fingerprint(contents(self.stylized.clip), contents(self.plate.clip), first - shift, first)

    def build(self, context: SegmentContext) -> BuiltPasses:
        """The passes that finished frames go through."""
        from stylize.passes import CarryPass, LayKeysPass, RepairPass, SteadyPass
        from stylize.passes.key_source import AgreeingKeys

        size = (context.clip.width, context.clip.height)
        frames = FrameSet.of_drawings(context.sheet)
        sources = {PLATE: self.plate, STYLIZED: self.stylized}
        if self.keys:
            carry = CarryPass(AgreeingKeys(self.keys, STYLIZED, self.palettes), size, frames)
            lay = LayKeysPass(size, frames, STYLIZED)
            return BuiltPasses((carry, lay), sources, lay.name)
        passes: list[Pass] = []
        before = STYLIZED
        if self.repair != "off":
            passes.append(RepairPass(self.repair, size, frames, before))
            before = passes[-1].name
        if self.strength > 0:
            steady = SteadySettings(strength=self.strength)
            passes.append(SteadyPass(steady, size, frames, before, rereads=before != STYLIZED))
        return BuiltPasses(tuple(passes), sources, passes[-1].name)
