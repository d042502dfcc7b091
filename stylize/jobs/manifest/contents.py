"""Whether the footage and the weights of a planned job are still those that it was planned with.

A record holds what stands for their contents, and a clip may be graded anew under its old name meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from stylize import footage
from stylize.diffusion.checkpoint_info import CheckpointInfo
from stylize.footage.clip import Clip
from stylize.jobs.specs import DrawingSpec, SegmentSpec, SteadyingSpec
from stylize.storage.digests import remembered_clip


def changed_file(spec: SegmentSpec, clip: Clip, source: str) -> Path | None:
    """The footage or the weights that are others by now; None where there are none.

    Digests are remembered, so that a worker that starts often reads no file twice. What this machine does not have
    is not compared: a node that writes the film needs no weights, and whoever reads what is missing says so.

    Args:
        clip, source: the job's clip, and what stood for the contents of all footage when the job was planned.
    """
    clips = [spec.stylized.clip, spec.plate.clip] if isinstance(spec, SteadyingSpec) else [clip]
    if all(file.is_file() for each in clips for file in footage.source_files(each)):
        now = spec.identity(remembered_clip) if isinstance(spec, SteadyingSpec) else remembered_clip(clip)
        if now != source:
            return clips[0].path
    return next(_changed_weights(spec), None) if isinstance(spec, DrawingSpec) else None


def _changed_weights(spec: DrawingSpec) -> Iterator[Path]:
    from stylize.diffusion.hub import cached_commit
    from stylize.generators.inspect import inspect_checkpoint

    planned: list[tuple[str, CheckpointInfo]] = [(spec.config.checkpoint, spec.checkpoint)]
    if spec.key_model is not None:
        planned.append((spec.key_model.config.checkpoint, spec.key_model.checkpoint))
    for name, checkpoint in planned:
        if Path(name).exists():
            now: str | None = inspect_checkpoint(name, offline=True).revision
        else:
            now = cached_commit(name)
        if now not in (None, checkpoint.revision):
            yield Path(name)
