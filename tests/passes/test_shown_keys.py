"""A video model is shown keys that somebody painted, or that an image model draws."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from deflicker.keyframes import Key
from stylize import footage, pipeline
from stylize.config.read_settings import read_settings
from stylize.diffusion.pipelines.generator import PipelineGenerator
from stylize.errors import StylizeError
from stylize.footage import probe, read_frames
from stylize.footage.clip import Pixels, Shot
from stylize.generators.load import load_generator
from stylize.jobs.cost import cost_of
from stylize.jobs.job import RenderJob
from stylize.jobs.manifest import load_job, save_job
from stylize.jobs.plan_run import plan_run
from stylize.jobs.specs import DrawingSpec
from stylize.passes import FrameSet, ShotStylePass
from stylize.passes.key_drawing import KEY_DRAWING
from stylize.passes.key_source import DrawnKeys
from tests.passes.test_shot_style import FRAMES, SHOT, SIZE, Inputs, Video, config_of, plates  # noqa: F401
from tests.test_pipeline import clip  # noqa: F401

QUICK: dict[str, Any] = {
    "steps": 1, "device": "cpu", "precision": "fp32", "offline": True, "size": 64, "deflicker": 0.0,
    "repair": "off", "start": "0f", "end": "12f",
}  # fmt: skip


class Shown(Video):
    """Draws what it is shown."""

    seen: list[list[Pixels]]

    def draw_window(self, *window: Any) -> list[Pixels]:
        *plain, keys = window
        self.seen = [*getattr(self, "seen", []), list(keys)]
        return [0.5 * np.mean(keys, axis=0) + 0.5 * drawn for drawn in super().draw_window(*plain)]


class WithKeys(Inputs):
    def frames(self, name: str, numbers: Any, size: Any = None) -> Any:
        if name == "plate":
            return super().frames(name, numbers, size)
        return iter([np.full((SIZE[1], SIZE[0], 3), at / 1000, np.float32) for at in numbers])


def test_a_window_is_shown_the_nearest_keys_in_any_chunks(
    plates: dict[int, Pixels],  # noqa: F811
    pipelines: Callable[[str], Path],
) -> None:
    config = config_of(pipelines("wan-vace"), window=17, overlap=3).config
    numbers = tuple(range(100, 170, 10))
    films = []
    for chunk in (FRAMES, 9, 40):
        step = ShotStylePass(config, "revision", SIZE, FrameSet(SHOT), keys=DrawnKeys(numbers, KEY_DRAWING))
        assert step.needs == ("plate", KEY_DRAWING)
        shown = Shown()
        step.generator.get(lambda shown=shown: shown)
        made: dict[int, Pixels] = {}
        for start in range(0, FRAMES, chunk):
            wanted = range(start, min(FRAMES, start + chunk))
            read = step.reads(SHOT, wanted)
            assert set(read[KEY_DRAWING]) <= set(numbers)
            inputs = WithKeys(plates, read["plate"])
            made |= {number: pictures[0] for number, pictures in step.render(SHOT, wanted, inputs)}
        films.append(made)
        if chunk == FRAMES:
            assert [round(float(key[0, 0, 0]) * 1000) for key in shown.seen[0]] == [100, 110, 120, 130]
    for other in films[1:]:
        assert all(np.array_equal(other[number], films[0][number]) for number in SHOT)
    plain = ShotStylePass(config, "revision", SIZE, FrameSet(SHOT))
    assert plain.settings() != step.settings()


def test_keys_are_references_of_the_model(
    plates: dict[int, Pixels],  # noqa: F811
    pipelines: Callable[[str], Path],
    tmp_path: Path,
) -> None:
    folder, hero = pipelines("wan-vace"), plates[120]
    Image.fromarray(np.rint(hero * 255).astype(np.uint8)).save(tmp_path / "hero.png")
    window = [plates[number] for number in SHOT[:5]]
    plain, shown = (
        load_generator(config_of(folder, references=references, window=5).config)
        for references in (None, (tmp_path / "hero.png",))
    )
    assert isinstance(plain, PipelineGenerator)
    assert isinstance(shown, PipelineGenerator)
    with_key = plain.draw_window(window, SHOT[:5], Shot(100, 170), [np.rint(hero * 255) / np.float32(255)])
    assert np.array_equal(with_key, shown.draw_window(window, SHOT[:5], Shot(100, 170)))
    assert not np.array_equal(with_key, plain.draw_window(window, SHOT[:5], Shot(100, 170)))


def test_white_stands_where_nothing_is_painted() -> None:
    from stylize.passes.shot_style import _on_white

    painted = np.array([[0, 1]], np.float32)
    key = Key(3, np.full((1, 2, 3), 0.25, np.float32), painted)
    assert _on_white(key)[0, :, 0].tolist() == [1.0, 0.25]


def planned(clip: Path, out: Path, folder: Path, **asked: Any) -> RenderJob:  # noqa: F811
    return plan_run(clip, out, read_settings(model=str(folder), window=5, overlap=1, **QUICK, **asked))


def pictures(job: RenderJob) -> list[Pixels]:
    return [frame.pixels for frame in read_frames(probe(pipeline.run(job).path))]


def test_an_image_model_draws_the_keys_of_a_film(
    clip: Path,  # noqa: F811
    pipelines: Callable[[str], Path],
    tmp_path: Path,
) -> None:
    folder = pipelines("wan-vace")
    plain = planned(clip, tmp_path / "plain.mp4", folder, guidance=1.0)
    keyed = planned(
        clip, tmp_path / "keyed.mp4", folder, guidance=1.0, keys=2, key_model="mini"
    )  # fmt: skip
    (segment,) = keyed.segments
    names = [step.name for step in segment.passes]
    assert names[:2] == [KEY_DRAWING, "style"]
    assert len(segment.passes[0].frames.numbers) >= 2
    save_job(keyed)
    again = load_job(keyed.run_dir)
    assert again.segments[0].spec == segment.spec
    assert again.segments[0].fingerprints == segment.fingerprints
    assert isinstance(segment.spec, DrawingSpec)
    assert segment.spec.key_model is not None
    both, one = (cost_of(replace(job, remote=True)) for job in (keyed, plain))  # both are loaded at once
    own = 2 * segment.spec.key_model.checkpoint.weights_bytes  # loaded in single precision
    assert both.weights_bytes - one.weights_bytes == own > 0
    assert both.memory_bytes - one.memory_bytes > own
    assert any(not np.array_equal(a, b) for a, b in zip(pictures(keyed), pictures(plain), strict=True))


def test_painted_keys_are_shown_and_not_carried(
    clip: Path,  # noqa: F811
    pipelines: Callable[[str], Path],
    tmp_path: Path,
) -> None:
    frame = next(footage.read_frames(footage.probe(clip))).pixels
    (tmp_path / "keys").mkdir()
    Image.fromarray(np.rint(frame * 255).astype(np.uint8)).save(tmp_path / "keys" / "0000.png")
    job = planned(clip, tmp_path / "film.mp4", pipelines("wan-vace"), keyframes=tmp_path / "keys")
    (segment,) = job.segments
    assert segment.passes[0].name == "style"
    assert "carried" not in [step.name for step in segment.passes]
    assert segment.passes[0].needs == ("plate",)


def test_painted_keys_are_carried_where_a_model_is_shown_none(
    clip: Path,  # noqa: F811
    pipelines: Callable[[str], Path],
    tmp_path: Path,
) -> None:
    frame = next(footage.read_frames(footage.probe(clip))).pixels
    (tmp_path / "keys").mkdir()
    Image.fromarray(np.rint(frame * 255).astype(np.uint8)).save(tmp_path / "keys" / "0000.png")
    job = planned(clip, tmp_path / "film.mp4", pipelines("wan"), keyframes=tmp_path / "keys")
    assert "carried" in [step.name for step in job.segments[0].passes]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({}, "keys, and none are asked for"),
        ({"keys": 2, "key_model": "{video}"}, "this is a video model"),
        ({"keys": 2, "model": "mini"}, "this one is none"),
        ({"keys": 2, "model": "{wan}"}, "Wan is shown the frames alone"),
        ({"keys": 2, "key_model": "missing/folder/here"}, "no such checkpoint"),
    ],
)
def test_what_cannot_be_is_said(
    asked: dict[str, Any],
    told: str,
    clip: Path,  # noqa: F811
    pipelines: Callable[[str], Path],
    tmp_path: Path,
) -> None:
    video = str(pipelines("wan-vace"))
    given = {"key_model": "mini", "model": video, **asked}
    given = {
        name: value.format(video=video, wan=pipelines("wan")) if isinstance(value, str) else value
        for name, value in given.items()
    }
    with pytest.raises(StylizeError, match=told):
        plan_run(clip, tmp_path / "film.mp4", read_settings(**QUICK, **given))
