"""Bad drawings in the main job: found, drawn again or rebuilt, told of, and the same after a stop."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stylize import pipeline
from stylize.events import Event, Note
from stylize.jobs.job import RenderJob
from stylize.jobs.repairs import repairs_file
from tests.test_pipeline import CUT, FRAMES, clip, model, planned  # noqa: F401

BAD = 9
QUICK = {"deflicker": 0.0, "audio": False}


def spoil(plan: RenderJob) -> np.ndarray:
    """Draws the film, then puts a black frame where a drawing was, as if that had come of it."""
    pipeline.run(plan, keep=True)
    drawn = plan.segments[0].store("style").read(BAD)
    plan.segments[0].store("style").write(BAD, np.zeros_like(drawn))
    for name in ("repair", "cel", "finish"):
        for index in range(CUT, FRAMES):
            plan.segments[0].store(name).path(index).unlink()
    return drawn


def report(plan: RenderJob) -> dict[str, Any]:
    return json.loads(repairs_file(plan.film.path).read_text())


def test_a_black_frame_is_drawn_again_and_told_of(planned) -> None:  # noqa: F811
    plan = planned(**QUICK)
    spoil(plan)
    events: list[Event] = []
    pipeline.run(planned(**QUICK), events.append, overwrite=True, keep=True)
    told = report(plan)
    assert told["mode"] == "auto"
    assert told["judged"] == FRAMES
    row = next(row for row in told["unstable"] if row["frame"] == BAD)
    assert row["done"] in ("redrawn", "rebuilt")
    assert row["severity"] > 2
    assert row["severity_after"] < row["severity"] / 2
    assert row["shows"] == [BAD]
    assert row["reason"]
    assert plan.segments[0].store("repair").read(BAD).mean() > 0.1
    notes = [event.text for event in events if isinstance(event, Note)]
    assert any("of 14 drawings" in note and "film.mp4.repair.json" in note for note in notes)
    untouched = set(range(FRAMES)) - {row["frame"] for row in told["unstable"]}
    for index in untouched:
        np.testing.assert_array_equal(
            plan.segments[0].store("repair").read(index), plan.segments[0].store("style").read(index)
        )
    kept = plan.segments[0].store("repair").path(BAD).read_bytes()
    for index in (BAD, BAD + 1):  # one frame alone comes out as in the stream
        plan.segments[0].store("repair").path(index).unlink()
    pipeline.run(planned(**QUICK), overwrite=True, keep=True)
    assert plan.segments[0].store("repair").path(BAD).read_bytes() == kept
    assert report(plan) == told


def test_a_report_changes_nothing(planned) -> None:  # noqa: F811
    plan = planned(repair="report", **QUICK)
    spoil(plan)
    pipeline.run(plan, overwrite=True, keep=True)
    row = next(row for row in report(plan)["unstable"] if row["frame"] == BAD)
    assert row["done"] == "left"
    assert plan.segments[0].store("repair").read(BAD).max() == 0


def test_off_is_off_and_a_new_film_takes_the_old_list_away(planned, tmp_path: Path) -> None:  # noqa: F811
    plan = planned(repair="off", **QUICK)
    assert "repair" not in [step.name for step in plan.segments[0].passes]
    assert plan.segments[0].fingerprints["style"] == planned(**QUICK).segments[0].fingerprints["style"]
    assert (
        planned(repair="report", **QUICK).segments[0].fingerprints["repair"]
        != planned(**QUICK).segments[0].fingerprints["repair"]
    )


@pytest.mark.parametrize("noise", ["source"])
def test_where_another_seed_changes_nothing_it_is_rebuilt(planned, noise: str) -> None:  # noqa: F811
    plan = planned(noise=noise, **QUICK)
    step = next(step for step in plan.segments[0].passes if step.name == "repair")
    assert step.settings()[-1] is False
