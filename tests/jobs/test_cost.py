"""What a run is said to take: everything that it holds at once is counted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from stylize.config.read_settings import read_settings
from stylize.generators.inspect import inspect_checkpoint
from stylize.generators.resolve import resolve_config
from stylize.jobs.cost import cost_of, peak_activations
from stylize.jobs.job import RenderJob
from stylize.jobs.plan_run import plan_run
from stylize.jobs.specs import DrawingSpec
from stylize.passes import CarryPass
from stylize.passes.base import Pass
from stylize.passes.frame_set import FrameSet
from stylize.passes.key_source import DrawnKeys
from stylize.storage.frame_file import BitDepth
from tests.farm.standin import stand_in
from tests.narrow import write_narrow_checkpoint

FRAMES, SIZE = 12, (64, 48)
PIXELS = SIZE[0] * SIZE[1]


def memory(folder: Path, *more: Pass, depth: BitDepth = "8") -> int:
    """Of a job that draws twelve frames of 64x48, and calms them."""
    job = stand_in(folder / "run", FRAMES)
    (segment,) = job.segments
    prints = {**segment.fingerprints, **{step.name: "0" for step in more}}
    segment = replace(segment, depth=depth, passes=(*segment.passes, *more), fingerprints=prints)
    return cost_of(replace(job, segments=(segment,), remote=True)).memory_bytes


@pytest.mark.parametrize("depth", ["16", "half"])
def test_deep_pictures_are_held_with_two_bytes_a_value(tmp_path: Path, depth: BitDepth) -> None:
    assert memory(tmp_path, depth=depth) - memory(tmp_path) == 2 * FRAMES * PIXELS * 3


def test_carrying_holds_four_channels_and_the_guides_and_keys_of_the_whole_shot(tmp_path: Path) -> None:
    carry = CarryPass(DrawnKeys((2, 9), "draw"), SIZE, FrameSet(range(FRAMES)))
    window = carry.window_frames * PIXELS * 3 * 4 * 2
    kept, guides, keys = FRAMES * PIXELS * 4, FRAMES * PIXELS * 3, 2 * PIXELS * 3 * 4
    assert memory(tmp_path, carry) - memory(tmp_path) == window + kept + guides + keys


def test_guides_are_no_larger_than_they_are_made() -> None:
    carry = CarryPass(DrawnKeys((0,), "draw"), (1920, 1080), FrameSet(range(FRAMES)))
    key = 1920 * 1080 * 3 * 4
    assert carry.held_bytes(range(FRAMES), (1920, 1080)) == FRAMES * 683 * 384 * 3 + key
    assert carry.held_bytes(range(FRAMES, 24), (1920, 1080)) == 0  # no key lies in that shot


def test_every_frame_that_an_export_draws_at_once_is_counted(
    clip: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    job = plan_run(clip, tmp_path / "film.mp4", read_settings(size=64, device="cpu", faces="off"))
    assert isinstance(job.segments[0].spec, DrawingSpec)
    assert job.segments[0].spec.config.runtime == "edge"

    def taken(job: RenderJob, cores: int) -> int:
        monkeypatch.setattr("stylize.jobs.cost.usable_cores", lambda: cores)
        return cost_of(job).memory_bytes

    alone, two, four, eight = (taken(job, cores) for cores in (1, 2, 4, 8))
    assert four - two == 2 * (two - alone) > 0
    assert taken(replace(job, remote=True), 1) == four == eight


def test_the_shot_s_first_frame_is_drawn_with_every_batch(tmp_path: Path) -> None:
    folder = write_narrow_checkpoint(tmp_path / "narrow")

    def peak(**asked: object) -> int:
        settings = read_settings(
            model=str(folder), controls=(), device="cpu", precision="fp32", offline=True, size=64, **asked
        )
        info = inspect_checkpoint(str(folder), offline=True)
        found = peak_activations(DrawingSpec(resolve_config(settings), info, (64, 64)))
        assert found is not None
        return found

    assert peak(batch=2, attend="first") == peak(batch=3) > peak(batch=2)
