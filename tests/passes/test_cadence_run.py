"""Held drawings in the main job: half the drawings, the same length, and nothing drawn again for a new cadence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from stylize import pipeline
from stylize.errors import Interrupted
from stylize.events import Event, FrameDone
from stylize.footage import probe, read_frames
from stylize.jobs.cost import cost_of
from tests.test_pipeline import CUT, FRAMES, clip, decoded, model, packets, planned  # noqa: F401

DRAWN = [0, 2, 4, 6, 8, 10, 12]
"""On twos, with the cut at 6."""
TWOS = {"cadence": "twos", "deflicker": 0.0}


def made(events: list[Event], name: str) -> list[int]:
    return [event.index for event in events if isinstance(event, FrameDone) and event.name == name]


def test_twos_draw_half_the_frames_and_hold_them(planned, clip: Path) -> None:  # noqa: F811
    plan = planned(cadence="twos")
    assert {plan.progress(name).frames for name in plan.pass_names} == {len(DRAWN)}
    assert cost_of(plan).tflop == pytest.approx(cost_of(planned(cadence="ones")).tflop / 2)
    events: list[Event] = []
    film = pipeline.run(plan, events.append)
    assert made(events, "style") == made(events, "finish") == DRAWN
    assert made(events, "encode") == list(range(FRAMES))
    source, result = probe(clip), probe(film.path)
    assert [result.seconds_of(i) for i in range(FRAMES)] == [source.seconds_of(i) for i in range(FRAMES)]
    assert packets(film.path) == packets(clip)
    frames = decoded(film.path)
    for index in range(0, FRAMES, 2):
        assert np.abs(frames[index + 1] - frames[index]).mean() < 0.01
        assert index + 2 == FRAMES or np.abs(frames[index + 2] - frames[index]).mean() > 0.015


def test_a_glide_makes_every_frame_from_the_same_drawings(planned, clip: Path) -> None:  # noqa: F811
    step, plan = (planned(hold=hold, **TWOS) for hold in ("step", "glide"))
    assert plan.segments[0].fingerprints["cel"] == step.segments[0].fingerprints["cel"]
    assert plan.progress("glide").frames == FRAMES
    pipeline.run(plan, keep=True)
    drawn, glided = plan.segments[0].store("cel"), plan.segments[0].store("glide")
    for index in DRAWN:
        np.testing.assert_array_equal(glided.read(index), drawn.read(index))
    assert not np.array_equal(glided.read(9), drawn.read(8))
    kept = {n: glided.path(n).read_bytes() for n in range(FRAMES)}
    for hole in ([5], [8, 9, 13]):  # a chunk that begins or ends anywhere gives the same bits
        for index in hole:
            glided.path(index).unlink()
        pipeline.run(planned(hold="glide", **TWOS), overwrite=True, keep=True)
        assert {n: glided.path(n).read_bytes() for n in range(FRAMES)} == kept


def test_another_cadence_draws_only_what_is_new(planned, tmp_path: Path) -> None:  # noqa: F811
    pipeline.run(planned(cadence="twos"), keep=True)
    events: list[Event] = []
    pipeline.run(planned(cadence="ones"), events.append, overwrite=True, keep=True)
    assert made(events, "style") == [n for n in range(FRAMES) if n not in DRAWN]
    assert made(events, "steady") == list(range(FRAMES))


def test_batches_of_drawings_are_cut_from_the_shot_s_first_one(planned) -> None:  # noqa: F811
    plan = planned(batch=2, **TWOS)
    assert (
        plan.segments[0].fingerprints["style"]
        != planned(cadence="ones", batch=2).segments[0].fingerprints["style"]
    )
    pipeline.run(plan, keep=True)
    before = plan.segments[0].store("style").path(8).read_bytes()
    plan.segments[0].store("style").path(8).unlink()
    pipeline.run(planned(batch=2, **TWOS), overwrite=True, keep=True)
    assert plan.segments[0].store("style").path(8).read_bytes() == before


def test_a_stopped_run_on_threes_goes_on(planned) -> None:  # noqa: F811
    whole = pipeline.run(planned("whole.mp4", cadence="threes", hold="glide", deflicker=0.0))
    seen: list[Event] = []
    plan = planned("resumed.mp4", cadence="threes", hold="glide", deflicker=0.0)
    with pytest.raises(Interrupted):
        pipeline.run(plan, seen.append, stop=lambda: len([e for e in seen if isinstance(e, FrameDone)]) == 13)
    resumed = pipeline.run(planned("resumed.mp4", cadence="threes", hold="glide", deflicker=0.0))
    for a, b in zip(decoded(whole.path), decoded(resumed.path), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_style_may_set_the_cadence(planned, tmp_path: Path) -> None:  # noqa: F811
    style = tmp_path / "limited.toml"
    style.write_text(
        'title = "Limited"\ncheckpoint = "mini"\nprompt = "ink"\ncadence = "threes"\nhold = "glide"\n'
    )
    plan = planned(style=str(style))
    assert plan.segments[0].sheet.holds == (3, 3)
    assert "glide" in [step.name for step in plan.segments[0].passes]
    assert planned(style=str(style), cadence="ones").segments[0].sheet.drawings == tuple(range(FRAMES))


def test_a_preview_of_a_held_frame_is_drawn_from_its_own_plate(planned, tmp_path: Path) -> None:  # noqa: F811
    plan = planned(cadence="twos")
    assert CUT + 3 not in plan.segments[0].sheet.drawings
    assert pipeline.preview(plan, CUT + 3, tmp_path / "preview.png").is_file()
    assert next(read_frames(plan.clip, CUT + 3, CUT + 4)).index == CUT + 3
