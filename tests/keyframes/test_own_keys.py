"""Films whose keys are drawings of their own: a model's few drawings, and those of a finished film that agree."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stylize import footage, pipeline
from stylize.config.read_settings import read_settings
from stylize.errors import UsageError
from stylize.footage.cadence import expose
from stylize.footage.clip import Clip, Frame, Shot
from stylize.footage.keyframes.choose import choose_keys
from stylize.jobs.plan_run import plan_run
from stylize.jobs.plan_steadying import plan_steadying
from tests.keyframes.conftest import CUT, FRAMES, HEIGHT, WIDTH, painting
from tests.keyframes.test_keyframes_run import QUICK


def test_keys_are_spread_over_each_shot_and_are_drawings():
    shots = [Shot(0, 24), Shot(24, 30)]
    on_ones = expose(shots, [1, 1], range(30))
    assert choose_keys(shots, on_ones, "auto") == (2, 8, 15, 21, 27)
    assert choose_keys(shots, on_ones, 1) == (12, 27)
    on_twos = expose(shots, [2, 2], range(30))
    assert all(on_twos.drawing_at(at) == at for at in choose_keys(shots, on_twos, "auto"))


def test_a_model_draws_the_keys_alone(clip: Path, tmp_path: Path):
    asked = {**QUICK, "shots": clip.with_suffix(".csv"), "keys": 2}
    job = plan_run(clip, tmp_path / "film.mp4", read_settings(**asked))
    pipeline.run(job, keep=True)
    segment = job.segments[0]
    drawn = [at for at in range(FRAMES) if segment.store("style").has(at)]
    assert drawn == [1, 6, 9, 11]
    steadied, carried = (segment.store(name).read(6) for name in ("steady", "carried"))
    assert np.array_equal(carried[..., :3], steadied)
    assert segment.store("carried").read(4)[..., 3].mean() > 0.6
    assert segment.store("finish").missing(range(FRAMES)) == []
    assert pipeline.preview(job, 4, tmp_path / "preview.png").is_file()


def test_frames_are_shared_only_with_keys_that_come_out_alike(clip: Path, tmp_path: Path):
    """The first frame that is drawn of a shot decides its noise, and steadying looks at the frames beside."""

    def prints(**asked: Any) -> dict[str, str]:
        settings = read_settings(**{**QUICK, "shots": clip.with_suffix(".csv"), "repair": "off", **asked})
        return dict(plan_run(clip, tmp_path / "film.mp4", settings).segments[0].fingerprints)

    plain, one, two = prints(), prints(keys=1), prints(keys=2)
    for name in ("style", "steady"):
        assert len({plain[name], one[name], two[name]}) == 3
    for same in ({"noise": "per-frame"}, {"noise": "per-frame", "cadence": "twos"}):
        assert prints(**same)["style"] == prints(**same, keys=1)["style"]
    attended = {"noise": "per-frame", "attend": "first"}
    assert prints(**attended)["style"] != prints(**attended, keys=1)["style"]
    ones, twos = prints(deflicker=0), prints(deflicker=0, cadence="twos")
    assert ones["finish"] == twos["finish"]


def test_painted_and_drawn_keys_exclude_each_other(clip: Path, paint, tmp_path: Path):
    asked: dict[str, Any] = {**QUICK, "keys": "auto", "keyframes": paint({"3.png": painting(3)})}
    with pytest.raises(UsageError, match="exclude each other"):
        plan_run(clip, tmp_path / "film.mp4", read_settings(**asked))


def test_of_a_film_whose_drawings_disagree_those_that_agree_are_carried(clip: Path, tmp_path: Path):
    """Frames 3 to 5 were drawn in other colours: none of them is kept, and the film shows nothing of them."""
    odd = range(3, 6)
    frames = [
        Frame(at, at, (255 - painting(at) if at in odd else painting(at)).astype(np.float32) / 255)
        for at in range(FRAMES)
    ]
    film = tmp_path / "drawn.%06d.png"
    about = footage.probe(clip)
    drawn = Clip(film, WIDTH, HEIGHT, about.rate, about.time_base, FRAMES)
    footage.write_film(frames, film, drawn, format="png", audio=False)
    asked = read_settings(shots=clip.with_suffix(".csv"), keys="auto", audio=False)
    job = plan_steadying(film, clip, tmp_path / "steady.mp4", asked)
    spec = job.segments[0].spec
    assert not set(spec.keys) & set(odd)
    assert any(at < CUT for at in spec.keys)
    assert any(at >= CUT for at in spec.keys)
    pipeline.run(job, keep=True)
    made = job.segments[0].store("keyed").read(4)
    assert (
        np.abs(made - painting(4) / 255.0).mean()
        < 0.08
        < np.abs(frames[4].pixels - painting(4) / 255.0).mean()
    )
