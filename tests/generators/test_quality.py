"""What `--quality` comes to: a working size, or a quicker model."""

from __future__ import annotations

from pathlib import Path

import pytest

from stylize.config.settings import RunSettings
from stylize.generators.quality import with_quality
from stylize.generators.resolve import resolve_config
from stylize.jobs.plan_run import plan_run
from tests.live_model import write_pattern

CLIP = (1280, 720)


def test_fine_is_the_clips_own_size() -> None:
    assert with_quality(RunSettings(quality="fine"), CLIP).size == 720
    assert with_quality(RunSettings(quality="fine"), (720, 1280)).size == 720
    assert with_quality(RunSettings(quality="fine"), (96, 54)).size == 64


def test_standard_is_what_it_was() -> None:
    settings = RunSettings()
    assert with_quality(settings, CLIP) is settings


def test_a_size_that_is_named_comes_first() -> None:
    for quality in ("draft", "fine"):
        settings = RunSettings(quality=quality, size=200)  # type: ignore[arg-type]
        assert with_quality(settings, CLIP) is settings


def test_a_draft_is_drawn_by_the_live_model_where_there_is_one() -> None:
    live = with_quality(RunSettings(quality="draft"), CLIP)
    assert resolve_config(live).runtime == "live"


@pytest.mark.parametrize(
    "asked",
    [
        {"style": "watercolor"},  # it has no live model
        {"steps": 4},  # a live model draws in one
        {"prompt": "rain"},
        {"runtime": "torch"},
        {"model": "mini"},
    ],
)
def test_else_a_draft_is_half_as_large(asked: dict[str, object]) -> None:
    usual = resolve_config(RunSettings(**asked)).size  # type: ignore[arg-type]
    draft = with_quality(RunSettings(quality="draft", **asked), CLIP)  # type: ignore[arg-type]
    assert draft.size == usual // 2
    assert resolve_config(draft).runtime != "live"


def test_a_plan_draws_at_the_qualitys_size(tmp_path: Path) -> None:
    clip = write_pattern(tmp_path / "clip.mp4", frames=4, size=(160, 96))
    job = plan_run(clip, tmp_path / "film.mp4", RunSettings(quality="fine"))
    spec = job.segments[0].spec
    assert spec.working_size == (160, 96)  # type: ignore[union-attr]
    assert any("INT8" in note for note in job.notes)
