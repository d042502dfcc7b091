"""Which packages must be of one version on all machines of a job: those that decide its pixels, and no others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from stylize.config.read_settings import read_settings
from stylize.jobs.manifest.job_record import record_of
from stylize.jobs.manifest.versions import EVERYWHERE, TORCH, packages_of
from stylize.jobs.plan_run import plan_run
from tests.keyframes.conftest import painting
from tests.keyframes.test_keyframes_run import QUICK
from tests.live_model import write_negative

HERE = {"openvino": "2026.1", "onnxruntime": "1.23"}
BY_TORCH, LIVE = {*TORCH, *EVERYWHERE}, {"openvino", *EVERYWHERE}


@pytest.fixture
def planned(clip: Path, tmp_path: Path):
    def plan(**settings: Any) -> Any:
        asked = {**QUICK, "shots": clip.with_suffix(".csv"), **settings}
        return plan_run(clip, tmp_path / "film.mp4", read_settings(**asked))

    return plan


def packages(job: Any, theirs: dict[str, str] = HERE) -> set[str]:
    return set(packages_of(record_of(job), theirs))


def test_the_engine_of_an_enlarging_network_counts(planned) -> None:
    assert packages(planned()) == BY_TORCH
    job = planned(enlarge="net")
    assert packages(job) == {*BY_TORCH, "openvino"}
    without = {**HERE, "openvino": "none"}  # a worker that has it would take it
    assert packages(job, without) == {*BY_TORCH, "openvino", "onnxruntime"}


def test_torch_counts_where_it_learns_how_keys_are_painted(
    planned, paint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without torch, what no key shows is drawn by the live model."""
    write_negative(tmp_path / "negative" / "live")
    style = tmp_path / "negative" / "style.toml"
    style.write_text('title = "Negative"\ncheckpoint = "live"\nprompt = "negative"\n')
    live = {
        "style": str(style.parent),
        "size": 96,
        "steps": None,
        "precision": None,
        "strength": None,
        "device": "openvino",
    }
    assert packages(planned(**live)) == LIVE
    live["keyframes"] = paint({"2.png": painting(2), "6.png": painting(6)})
    assert packages(planned(**live)) == {*LIVE, "torch"}
    monkeypatch.setattr("stylize.generators.backends.has_torch", lambda: False)
    job = planned(**live)
    assert packages(job) == LIVE
    assert job.segments[0].spec.open_parts == "draw"
