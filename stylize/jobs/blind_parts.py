"""What the keys of a film do not show, and which frame is worth painting next: `FILM.blind.jpg` beside the film."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from stylize.footage.clip import Pixels
from stylize.footage.keyframes.suggest import mark_open
from stylize.jobs.job import RenderJob, Segment
from stylize.passes.base import PLATE
from stylize.passes.carry import CARRIED, CarryPass
from stylize.storage.pictures import write_picture

AROUND = 6
"""A key helps the frames around it: the worst stretch of so many frames to each side counts."""
WORTH = 0.02
"""Where less than this part of the worst frame is open, no further key is worth its paint."""


def blind_file(out: Path) -> Path:
    """Where the picture for a film or an image sequence lies."""
    return out.with_name(f"{out.name.replace('%', '').replace('#', '')}.blind.jpg")


def write_blind_parts(job: RenderJob) -> str | None:
    """Writes the plate of the frame that is worth painting next, its open parts marked in red.

    Returns:
        the sentence for a person; None where there are no painted keys, or they show enough. Then the picture of an
        older film of the same name is removed.
    """
    found = [_worst(segment) for segment in job.segments if _painted(segment)]
    if not found:
        return None
    path = blind_file(job.film.path)
    segment, frame, part = max(found, key=lambda each: each[2])
    if part < WORTH:
        path.unlink(missing_ok=True)
        return None
    plate = next(segment.sources[PLATE].read([frame]))
    write_picture(mark_open(plate, 1 - _known(segment, frame)), path)
    return (
        f"A key of frame {frame} would help most: of the frames around it the keys leave {part:.0%} open; "
        f"see {path.name}."
    )


def _painted(segment: Segment) -> bool:
    step = segment.find(CARRIED)
    return isinstance(step, CarryPass) and not step.keys.needs


def _worst(segment: Segment) -> tuple[Segment, int, float]:
    """The frame in the middle of the stretch of which most is open, and how much of it."""
    step = segment.find(CARRIED)
    numbers = list(step.frames.numbers) if step is not None else []
    parts = np.array([float(1 - _known(segment, number).mean()) for number in numbers])
    stretch = min(2 * AROUND + 1, len(parts))
    means = np.convolve(parts, np.full(stretch, 1 / stretch), mode="same")
    at = int(np.argmax(means))
    return segment, numbers[at], float(means[at])


def _known(segment: Segment, frame: int) -> Pixels:
    return segment.store(CARRIED).read(frame)[..., 3]
