"""The records that describe footage: clip, shot, frame, sound and colour tags."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stylize.footage.crop import NO_CROP, Crop
from stylize.footage.fields import FieldOrder
from stylize.footage.pulldown import Pulldown

Pixels = NDArray[np.float32]
"""RGB, shape (height, width, 3), in [0, 1], in the clip's own transfer (display-referred)."""


@dataclass(frozen=True)
class Audio:
    """One audio stream of the source, copied packet by packet into the film."""

    stream: int
    codec: str
    sample_rate: int
    channels: int
    start: Fraction = Fraction(0)
    """When it begins, in seconds on the file's own clock."""


@dataclass(frozen=True)
class Colour:
    """The stream's colour tags, by ffmpeg's names; None where the source says nothing."""

    primaries: str | None = None
    transfer: str | None = None
    matrix: str | None = None
    range: str | None = None

    @property
    def is_hdr(self) -> bool:
        """Whether the codes are those of an HDR transfer, PQ or HLG (ITU-R BT.2100)."""
        return self.transfer in HDR_TRANSFERS


HDR_TRANSFERS = ("smpte2084", "arib-std-b67")


@dataclass(frozen=True)
class StartTimecode:
    """The timecode of a clip's first frame, as SMPTE ST 12-1 counts: `fps` frames to the second, and where `drop`
    is set two numbers (four at 60) left out at the start of every minute but each tenth."""

    frame: int
    fps: int
    drop: bool = False


@dataclass(frozen=True)
class Clip:
    """A probed piece of footage: a film file, or a numbered image sequence.

    `width` and `height` are those a viewer sees, after rotation. `frame_count` is the number of frames
    that decode, counted, not the container's claim. Times are exact: a frame's time in seconds is
    `pts * time_base`. Pictures with non-square pixels keep their stored size; `pixel_aspect` (of the
    upright picture) travels with them into the film.
    """

    path: Path
    width: int
    height: int
    rate: Fraction
    time_base: Fraction
    frame_count: int
    rotation: int = 0
    """Degrees clockwise that the stored picture is turned to stand upright: 0, 90, 180 or 270."""
    pixel_aspect: Fraction = Fraction(1)
    bit_depth: int = 8
    colour: Colour = Colour()
    audio: tuple[Audio, ...] = ()
    first_number: int | None = None
    """The number of the first file, for an image sequence; None for a film file."""
    mirrored: bool = False
    """Whether the stored picture is flipped left to right before it is turned (front cameras do so)."""
    stream: int = 0
    """The video stream's number in the file."""
    codec: str = ""
    """The decoder's name, as ffmpeg spells it (`h264`, `prores`, `png`)."""
    pts: tuple[int, ...] = field(default=(), repr=False)
    """Every frame's time in `time_base`, ascending; empty where frame i lies at i / rate exactly."""
    untimed: bool = False
    """Whether the file gives frames no times (a raw stream): they are told apart by their order alone."""
    last_ticks: int = 0
    """For how many ticks of `time_base` the last frame is shown; 0 where that is 1 / rate."""
    interlaced: bool = False
    """Whether frames hold two fields of different moments: they are deinterlaced when they are read."""
    field_order: FieldOrder | None = None
    """Of every frame of an interlaced clip, where it was measured; None where the frames' flags tell it."""
    pulldown: Pulldown | None = None
    """How a telecined clip's frames lie in those of the file; `rate`, `pts` and `frame_count` are then those of
    the film. None where they are the file's."""
    timecode: StartTimecode | None = None
    is_still: bool = False
    """Whether it is a single picture: a clip of one frame that a film would be made of for nothing."""
    has_alpha: bool = False
    """Whether it has an alpha channel (for a single picture: transparent parts). What is read lies
    on a ground of its own colours, but for OpenEXR, whose light is on black already; the film keeps the alpha where
    its form holds any, and is laid on white where it does not."""
    crop: Crop = NO_CROP
    """What the container hides of the stored picture, before it is turned; it is never read."""
    notes: tuple[str, ...] = ()
    """What a user should know of how the clip is read, in sentences."""

    @property
    def is_sequence(self) -> bool:
        return self.first_number is not None

    @property
    def lies_in_pictures(self) -> bool:
        """Whether every frame is a file of its own, and not a part of a film."""
        return self.is_sequence or self.is_still

    @property
    def shown_colour(self) -> Colour:
        """The colour tags of the pixels that are read: HDR is brought to BT.709 (see `stylize.footage.hdr`)."""
        return Colour("bt709", "bt709", "bt709", "tv") if self.colour.is_hdr else self.colour

    @property
    def stored(self) -> Clip:
        """The clip by the frames of its file, which differ from its own where it is telecined."""
        down = self.pulldown
        if down is None:
            return self
        return replace(
            self,
            pulldown=None,
            rate=down.rate,
            time_base=down.time_base,
            pts=down.pts,
            frame_count=len(down.pts),
            last_ticks=0,
        )

    @property
    def treatment(self) -> tuple[str, ...]:
        """What is done to the stored pictures when they are read, besides turning them upright: part of what
        stands for the clip's contents."""
        down = self.pulldown
        done = (
            (down is not None, f"pulldown 1 {down.kind} {down.order} {down.phase}" if down else ""),
            (
                self.interlaced,
                f"bwdif 1 {self.field_order}" if self.field_order else "bwdif 1, whole frames 1",
            ),
            (self.colour.is_hdr, "BT.2390 1"),
            (bool(self.crop), f"crop {self.crop}"),
            (self.has_alpha, ("light" if self.codec == "exr" else "alpha") + " on own colours 1"),
        )
        return tuple(name for is_done, name in done if is_done)

    @property
    def has_constant_rate(self) -> bool:
        """Whether every frame lies where `rate` says, to within one tick of the time base."""
        if not self.pts:
            return True
        step, per = (
            1 / (self.rate * self.time_base)
        ).as_integer_ratio()  # whole numbers: a film has many frames
        return all(abs((pts - self.pts[0]) * per - i * step) < per for i, pts in enumerate(self.pts))

    def pts_of(self, index: int) -> int:
        """The time of frame `index` in the clip's time base."""
        return self.pts[index] if self.pts else round(index / (self.rate * self.time_base))

    def seconds_of(self, index: int) -> Fraction:
        """The time of frame `index` after the first frame, in seconds; `frame_count` gives the clip's end."""
        if index < self.frame_count:
            return (self.pts_of(index) - self.pts_of(0)) * self.time_base
        return self.seconds_of(self.frame_count - 1) + (self.last_ticks * self.time_base or 1 / self.rate)


@dataclass(frozen=True)
class Shot:
    """A run of frames between two cuts: `start` included, `end` not."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start

    def __contains__(self, index: int) -> bool:
        return self.start <= index < self.end


@dataclass(frozen=True)
class Frame:
    """One frame: its number from 0 in the clip, its time in the clip's time base, and its pixels.

    `mended` pixels held NaN or infinity in the file: see `stylize.footage.finite`.
    """

    index: int
    pts: int
    pixels: Pixels
    mended: int = 0
