"""`stylize run --preview --try`: which settings are varied, and the sheet and commands that come of it."""

from __future__ import annotations

import shlex
from pathlib import Path

import cv2
import numpy as np
import pytest

from stylize.cli.spelling import repeat_command
from stylize.cli.trials import read_table

from .conftest import Studio, Typed


@pytest.fixture
def drawn(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Which strengths and frames were drawn; a drawing is as bright as its strength."""
    found: list[tuple[str, int]] = []

    class Planned:
        segments = ()

        def __init__(self, settings: object) -> None:
            self.settings = settings

    def draw(job: Planned, index: int) -> tuple[np.ndarray, np.ndarray]:
        strength = job.settings.strength or 0  # type: ignore[attr-defined]
        found.append((str(strength), index))
        return np.zeros((64, 96, 3), np.float32), np.full((64, 96, 3), strength, np.float32)

    monkeypatch.setattr("stylize.report.trials._plan", lambda found, moments, settings: Planned(settings))
    monkeypatch.setattr("stylize.pipeline.draw_frame", draw)
    return found


def test_a_sheet_has_a_picture_for_each_value_and_moment(typed: Typed, drawn: list, clip: Path) -> None:
    said = typed(
        *("run", clip, "--seed", "7", "--preview", "0", "--preview", "0.5"),
        *("--try", "style=anime,cel", "--try", "strength=0.2,0.6,1.0", "--json"),
    )
    assert said.code == 0, said.err
    record = said.lines[-1]
    assert record["event"] == "trials"
    assert record["frames"] == [0, 12]
    assert len(drawn) == 2 * 3 * 2
    assert [shlex.split(command)[3:] for command in record["commands"]][:2] == [
        ["--seed", "7", "--style", "anime", "--strength", "0.2"],
        ["--seed", "7", "--style", "anime", "--strength", "0.6"],
    ]
    sheet = cv2.imread(record["path"])
    brightest = [sheet[100, x].max() for x in (200, 700, 1200, 1700)]
    assert brightest == pytest.approx([0, 51, 153, 255], abs=2)  # the source, and a column for each strength


def test_several_moments_alone_make_a_sheet(typed: Typed, drawn: list, clip: Path) -> None:
    said = typed("run", clip, "--preview", "0", "--preview", "4f", "-o", "sheet.png")
    assert said.code == 0, said.err
    assert [index for _, index in drawn] == [0, 4]
    assert said.out.splitlines()[0] == "sheet.png"
    assert typed("run", clip, "--preview", "0", "--preview", "4f", "-o", "sheet.png").code == 2


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--try", "strength=0.4"), "say which: --preview"),
        (("--preview", "0", "--try", "strength"), "has no values"),
        (("--preview", "0", "--try", "strength=much"), "strength"),
        (("--preview", "0", "--try", "magic=1"), "cannot vary 'magic'."),
        (("--preview", "0", "--try", "deflicker=0,1"), "does not show"),
        (("--preview", "0", "--try", "seed=1", "--try", "seed=2"), "twice"),
        (("--preview", "0", "--try", "seed=" + ",".join(map(str, range(101)))), "101 pictures"),
        (("--preview", "9:00", "--try", "seed=1"), "after the clip's end"),
        (("--preview", "0", "--try", "seed=1", "-o", "sheet.mp4"), "PNG or JPEG"),
    ],
)
def test_what_cannot_be_tried_is_refused(
    typed: Typed, drawn: list, clip: Path, words: tuple[str, ...], told: str
) -> None:
    said = typed("run", clip, *words)
    assert said.code == 2
    assert told in said.err
    assert drawn == []


def test_values_with_commas_are_quoted_and_lists_are_read() -> None:
    table = read_table(['prompt="a, b",c', "lora=ink.safetensors:0.5,none"], {}, ["run", "x.mp4"])
    assert table.rows == ("prompt a, b", "prompt c")
    first, second = table.trials[0]
    assert first.settings.prompt == "a, b"
    assert first.settings.loras is not None
    assert first.settings.loras[0].weight == 0.5
    assert second.settings.loras == ()


def test_a_command_is_repeated_without_what_does_not_matter() -> None:
    words = ["run", "my film.mp4", "--preview=3", "--try", "a=1", "-y", "--json", "--strength", "0.4"]
    said = repeat_command(words, {"--preview": 1, "--try": 1}, ["--seed", "1"])
    assert said == "stylize run 'my film.mp4' --strength 0.4 --seed 1"


def test_a_model_is_handed_on_where_the_same_weights_are_needed() -> None:
    from stylize.passes.frame_set import FrameSet
    from stylize.passes.style import StylePass

    class Model:
        def __init__(self, config: object) -> None:
            self.config = config

        def with_config(self, config: object) -> Model:
            return Model(config)

    def step(**changes: object) -> StylePass:
        return StylePass(_config().model_copy(update=changes), "r", (64, 64), FrameSet(range(3)))

    loaded = step(strength=0.4)
    loaded.generator.get(lambda: Model(loaded.config))  # type: ignore[arg-type,return-value]
    other, elsewhere = step(strength=0.9), step(prompt="another")
    other.take_over(loaded)
    elsewhere.take_over(loaded)
    assert other.generator.held is not None
    assert other.generator.held.config.strength == 0.9
    assert elsewhere.generator.held is None


def _config():
    from stylize.config.settings import RunSettings
    from stylize.generators.resolve import resolve_config

    return resolve_config(RunSettings(device="cpu", precision="fp32"))
