"""A video model draws windows that the shot fixes: the same film for any chunking, and stock frames in a window."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import pytest
import torch
from PIL import Image

from stylize import pipeline
from stylize.config.read_settings import read_settings
from stylize.config.style import Control
from stylize.diffusion.noise import noise_seed
from stylize.diffusion.pipelines.generator import PipelineGenerator
from stylize.diffusion.pipelines.windows import Windows
from stylize.diffusion.sizes import scaled
from stylize.errors import Interrupted, StylizeError
from stylize.events import FrameDone
from stylize.footage.clip import Pixels, Shot
from stylize.generators.load import load_generator
from stylize.generators.resolve import resolve
from stylize.passes import FrameSet, ShotStylePass
from tests.test_pipeline import clip, decoded  # noqa: F401

FRAMES, SIZE = 70, (48, 32)
SHOT = range(100, 100 + FRAMES)


def config_of(folder: Path, **changes: Any) -> Any:
    usual = {"model": str(folder), "steps": 1, "guidance": 1.0, "device": "cpu", "precision": "fp32"}
    return resolve(read_settings(offline=True, **(usual | changes)))


@pytest.fixture(scope="module")
def plates() -> dict[int, Pixels]:
    rng = np.random.default_rng(2)
    return {number: rng.random((SIZE[1], SIZE[0], 3), np.float32) for number in SHOT}


@dataclass
class Inputs:
    """Plates in memory; those that the pass did not announce are refused."""

    plates: dict[int, Pixels]
    allowed: Sequence[int]

    def frames(self, _: str, numbers: Sequence[int], size: tuple[int, int] | None = None) -> Iterator[Pixels]:
        assert set(numbers) <= set(self.allowed)
        return scaled((self.plates[number] for number in numbers), size)


@dataclass
class Video:
    """A quick stand-in for a video model: a frame is made of its window's mean, its plate and its place in it."""

    config: Any = None
    drawn: int = 0

    def draw_window(self, plates: Sequence[Pixels], indices: Sequence[int], shot: Shot) -> list[Pixels]:
        assert shot == Shot(SHOT[0], SHOT[-1] + 1)
        self.drawn += 1
        whole = np.mean(plates, axis=0)
        return [0.4 * whole + 0.4 * plate + 0.002 * (at - indices[0]) for at, plate in zip(indices, plates)]  # noqa: B905

    def draw(self, plates: Sequence[Pixels], indices: Sequence[int], shot: Shot) -> list[Pixels]:
        raise AssertionError("a window is drawn together")

    def with_config(self, config: Any) -> Video:
        raise AssertionError("nothing is drawn anew")


def pass_of(config: Any, generator: Any = None) -> ShotStylePass:
    step = ShotStylePass(config, "revision", SIZE, FrameSet(SHOT))
    if generator is not None:
        step.generator.get(lambda: generator)
    return step


def rendered(
    step: ShotStylePass, plates: dict[int, Pixels], chunk: int, shot: range = SHOT
) -> dict[int, Pixels]:
    made: dict[int, Pixels] = {}
    for start in range(0, len(shot), chunk):
        wanted = range(start, min(len(shot), start + chunk))
        inputs = Inputs(plates, step.reads(shot, wanted)["plate"])
        made |= {number: pictures[0] for number, pictures in step.render(shot, wanted, inputs)}
    return made


@pytest.mark.parametrize(("length", "overlap"), [(17, 3), (9, 4), (17, 8), (81, 16), (5, 0)])
def test_any_chunking_gives_the_same_frames(
    length: int, overlap: int, plates: dict[int, Pixels], pipelines: Callable[[str], Path]
) -> None:
    config = config_of(pipelines("wan-vace"), window=length, overlap=overlap).config
    film = Video()
    whole = rendered(pass_of(config, film), plates, FRAMES)
    assert list(whole) == list(SHOT)
    assert film.drawn == len(Windows(FRAMES, length, overlap).starts)  # each window once
    for chunk in (9, 17, 40):
        parts = rendered(pass_of(config, Video()), plates, chunk)
        assert all(np.array_equal(parts[number], whole[number]) for number in SHOT)


def test_shares_of_windows_add_up_and_fade_over() -> None:
    windows = Windows(FRAMES, 17, 4)
    assert windows.starts == [0, 13, 26, 39, 52, 53]
    for position in range(FRAMES):
        assert sum(windows.weights(position).values()) == pytest.approx(1)
    shares = [windows.weights(position).get(13, 0.0) for position in range(12, 18)]
    assert shares == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1])
    assert Windows(6, 17, 4).starts == [0]


@pytest.mark.parametrize(
    ("family", "frames", "window", "chunks"),
    [("wan-vace", 70, 17, (9, 17, 40)), ("wan", 26, 9, (4, 9, 17)), ("ltx", 26, 9, (4, 9, 17))],
)
def test_a_narrow_video_model_gives_the_same_film_in_any_chunks(
    family: str,
    frames: int,
    window: int,
    chunks: tuple[int, ...],
    plates: dict[int, Pixels],
    pipelines: Callable[[str], Path],
) -> None:
    shot = SHOT[:frames]
    step = pass_of(config_of(pipelines(family), window=window, overlap=2).config)
    whole = rendered(step, plates, frames, shot)
    for chunk in chunks:
        step._drawn.clear()
        parts = rendered(step, plates, chunk, shot)
        assert all(np.array_equal(parts[number], whole[number]) for number in shot)
    step.close()
    wanted = range(frames // 2, frames // 2 + 3)
    inputs = Inputs(plates, step.reads(shot, wanted)["plate"])
    again = dict(step.render(shot, wanted, inputs))  # another machine takes a few frames of the middle
    assert all(np.array_equal(pictures[0], whole[number]) for number, pictures in again.items())


@pytest.mark.parametrize("asked", ["plain", "guided, with a condition and a reference"])
def test_a_window_is_that_of_the_stock_pipeline(
    asked: str, plates: dict[int, Pixels], pipelines: Callable[[str], Path], tmp_path: Path
) -> None:
    hero = Image.fromarray(np.random.default_rng(0).integers(0, 256, (32, 48, 3), np.uint8))
    hero.save(tmp_path / "hero.png")
    changes: dict[str, Any] = {}
    if asked != "plain":
        changes = {
            "guidance": 4.0, "negative_prompt": "worst", "references": (tmp_path / "hero.png",),
            "controls": (Control(condition="canny", weight=0.6),),
        }  # fmt: skip
    folder = pipelines("wan-vace")
    config = config_of(folder, steps=2, prompt="anime", **changes).config
    generator = load_generator(config)
    assert isinstance(generator, PipelineGenerator)
    window = [plates[number] for number in SHOT[:9]]
    drawn = generator.draw_window(window, SHOT[:9], Shot(100, 170))
    seen = [generator.conditions[0](plate) for plate in window] if changes else window
    pipe = diffusers.WanVACEPipeline.from_pretrained(folder, local_files_only=True)
    pipe.set_progress_bar_config(disable=True)
    given = {name: value for name, value in generator.words.items() if name.endswith("embeds")}
    frames = [Image.fromarray(np.rint(each * 255).astype(np.uint8)) for each in seen]
    theirs = pipe(
        video=frames, reference_images=[hero] if changes else None, height=32, width=48, num_frames=9,
        num_inference_steps=2, guidance_scale=config.guidance, conditioning_scale=0.6 if changes else 1.0,
        generator=torch.Generator().manual_seed(noise_seed("fixed", 0, Shot(100, 170), 100)), **given,
    ).frames[0]  # fmt: skip
    assert np.abs(np.stack(drawn) - theirs).max() <= 1e-6
    assert np.stack(drawn).std() > 0.01


def test_a_film_goes_on_where_it_stopped(
    clip: Path,  # noqa: F811
    pipelines: Callable[[str], Path],
    tmp_path: Path,
) -> None:
    from stylize.jobs.plan_run import plan_run

    settings = read_settings(
        model=str(pipelines("wan-vace")), steps=1, guidance=1.0, device="cpu", precision="fp32", offline=True,
        window=5, overlap=1, deflicker=0.0, repair="off",
        size=64, start="2f", end="10f",
    )  # fmt: skip
    whole = pipeline.run(plan_run(clip, tmp_path / "whole.mp4", settings))
    count = 0

    def seen(event: object) -> None:
        nonlocal count
        count += isinstance(event, FrameDone) and event.name == "style"

    plan = plan_run(clip, tmp_path / "parts.mp4", settings)
    with pytest.raises(Interrupted):
        pipeline.run(plan, seen, stop=lambda: count >= 4)
    assert 4 <= count < 8
    parts = pipeline.run(plan_run(clip, tmp_path / "parts.mp4", settings))
    assert np.array_equal(decoded(parts.path), decoded(whole.path))


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"window": 16}, "draws 4k\\+1 frames together"),
        ({"window": 9, "overlap": 5}, "more than half"),
        ({"strength": 0.5}, "takes no --strength"),
        ({"controls": (Control(condition="tile", model="there"),)}, "without a ControlNet"),
        ({"references": (Path("missing.png"),)}, "no such reference"),
    ],
)
def test_what_cannot_be_is_said(
    asked: dict[str, Any], sentence: str, pipelines: Callable[[str], Path]
) -> None:
    with pytest.raises(StylizeError, match=sentence):
        load_generator(config_of(pipelines("wan-vace"), **asked).config)


def test_windows_and_references_are_not_for_a_unet() -> None:
    for asked in ({"window": 9}, {"references": (Path("hero.png"),)}):
        with pytest.raises(StylizeError, match="is for"):
            resolve(read_settings(offline=True, **asked))
