"""What the films of whole runs are measured by."""

from __future__ import annotations

from collections.abc import Sequence

from deflicker import metrics
from deflicker.arrays import Image
from stylize import pipeline
from stylize.jobs.job import RenderJob


def finished(job: RenderJob) -> list[Image]:
    """The frames of a job's first segment as its last pass has them, made where they are not made yet; those of
    all passes stay in the store."""
    pipeline.run(job, overwrite=True, keep=True)
    segment = job.segments[0]
    store = segment.store(segment.passes[-1].gives[0])
    return [store.read(at)[..., :3] for shot in segment.shots for at in range(shot.start, shot.end)]


def warp_errors(frames: Sequence[Image], plates: Sequence[Image]) -> list[float]:
    """E_warp x 1000, one and eight frames apart."""
    span = (0, len(frames))
    return [
        1000 * metrics.film_warp_error(frames.__getitem__, plates.__getitem__, span, apart)
        for apart in (1, 8)
    ]
