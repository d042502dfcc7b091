"""`stylize run`: flags in, plans shown, films announced, stops and errors told."""

from __future__ import annotations

import errno
import json
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from stylize.config.settings import RunSettings
from stylize.errors import Interrupted, ModelError, UsageError
from stylize.events import FrameDone, Note, PassFinished, PassStarted
from stylize.jobs.batch import JobEntry
from stylize.jobs.naming import default_output, run_folder

from .conftest import FRAMES, Studio, Typed


def test_a_film_is_drawn_under_the_clips_and_the_styles_names(
    typed: Typed, studio: Studio, clip: Path
) -> None:
    said = typed("run", clip)
    assert said.code == 0
    assert said.out == "two scenes.anime.mp4: 20 frames in 12 s\n"
    assert studio.asked["resume"] is True
    assert studio.asked["overwrite"] is studio.asked["keep"] is False


def test_flags_reach_the_settings(typed: Typed, studio: Studio, clip: Path) -> None:
    said = typed(
        "run", clip, "-o", "film.mov", "--format", "prores", "--strength", "0.4", "--seed", "7", "--no-audio",
        "--control", "canny@me/net:0.5", "--control", "tile", "--lora", r"C:\inks", "--lora", "b:-0.5",
        "--deflicker", "0", "--scheduler", "euler-a", "--offline", "--no-resume", "--keep", "--work-dir", "w", "-y",
    )  # fmt: skip
    assert said.code == 0, said.err
    settings = studio.settings
    assert (settings.strength, settings.seed, settings.deflicker) == (0.4, 7, 0)
    assert (settings.audio, settings.offline, settings.scheduler) == (False, True, "euler-a")
    assert [(each.condition, each.model, each.weight) for each in settings.controls] == [
        ("canny", "me/net", 0.5),
        ("tile", None, 1),
    ]
    assert [(each.file, each.weight) for each in settings.loras] == [(r"C:\inks", 1), ("b", -0.5)]
    assert (studio.asked["resume"], studio.asked["keep"], studio.asked["overwrite"]) == (False, True, True)
    assert studio.work_dir == Path("w")


def test_flags_not_given_leave_the_word_to_the_environment(
    typed: Typed, studio: Studio, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STYLIZE_STRENGTH", "0.3")
    monkeypatch.setenv("STYLIZE_AUDIO", "false")
    Path("stylize.toml").write_text("strength = 0.9\nseed = 11\n")
    typed("run", clip)
    assert (studio.settings.strength, studio.settings.audio, studio.settings.seed) == (0.3, False, 11)


def test_none_is_a_drawing_without_the_styles_own(typed: Typed, studio: Studio, clip: Path) -> None:
    typed("run", clip, "--control", "none", "--lora", "none")
    assert (studio.settings.controls, studio.settings.loras) == ((), ())
    typed("run", clip, "-y")
    assert (studio.settings.controls, studio.settings.loras) == (None, None)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--strength", "3"), "strength"),
        (("--strength", "nan"), "strength"),
        (("--strength", "much"), "--strength"),
        (("--scheduler", "magic"), "dpm++"),
        (("--control", ":0.5"), "names nothing"),
        (("--control", "none", "--control", "tile"), "stands alone"),
        (("--control", "tile:9"), "weight"),
        (("--style", "nobody"), "'nobody'"),
        (("--style", "nobody/style.toml"), "no style file"),
        (("--preview", "1f", "--dry-run"), "--preview"),
        (("--preview", "soon"), "not a time"),
        (("--preview", "9f", "--end", "5f"), "frames 0 to 4"),
        (("--preview", "1f", "-o", "a.mp4"), ".png"),
        (("-o", "film.docx"), ".docx"),
        (("-o", "."), "is a folder"),
        (("-o", ".."), "is a folder"),
        (("--no-such-flag",), "--no-such-flag"),
    ],
)
def test_bad_values_are_one_sentence_and_code_2(
    typed: Typed, studio: Studio, clip: Path, words: tuple[str, ...], told: str
) -> None:
    drawn: list[str] = []
    studio.draw = lambda listener, stop: drawn.append("drawn")
    said = typed("run", clip, *words)
    if words[0] == "-o":  # the pipeline refuses this one itself; a dry run must refuse it as well
        said = typed("run", clip, "--dry-run", *words)
    assert said.code == 2
    assert said.err.startswith("error: ")
    assert told in said.err
    assert "Traceback" not in said.err
    assert drawn == []


def test_what_draws_single_frames_is_refused_with_a_list_of_jobs(typed: Typed) -> None:
    for words in (("--preview", "1f"), ("--try", "strength=.4,1")):
        said = typed("run", "--jobs", "jobs.toml", *words)
        assert (said.code, "--try and" in said.err) == (2, True)


def test_a_run_that_is_kept_beside_its_film_needs_a_film() -> None:
    for folder in (".", "..", "/"):
        with pytest.raises(UsageError, match="is a folder"):
            run_folder(Path(folder))


def test_photographs_may_go_to_this_folder(
    typed: Typed, clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "album").mkdir()
    (tmp_path / "album" / "a.jpg").touch()
    entries: list[JobEntry] = []
    monkeypatch.setattr("stylize.cli.job_list.run_entries", lambda asked, *how, **more: entries.extend(asked))
    said = typed("run", "album", "-o", ".")
    assert said.code == 0, said.err
    assert [(each.out, each.run_dir) for each in entries] == [
        (Path("a.anime.png"), tmp_path.parent / f"{tmp_path.name}.stylize" / "a.jpg")
    ]


def test_an_error_says_what_where_and_what_to_do(typed: Typed) -> None:
    said = typed("run", "nowhere.mp4")
    assert (said.code, said.out) == (2, "")
    what, where, blank, hint = said.err.splitlines()
    assert what == "error: There is no such file."
    assert where == "where: nowhere.mp4"
    assert blank == ""
    assert hint.startswith("hint: ")


def test_text_that_calls_itself_a_film(typed: Typed, studio: Studio) -> None:
    Path("notes.mp4").write_text("dear diary\n" * 50)
    said = typed("run", "notes.mp4")
    assert said.code == 1
    assert "notes.mp4" in said.err
    assert "hint: " in said.err


def test_an_unknown_key_of_a_style_is_named(typed: Typed, studio: Studio, clip: Path) -> None:
    Path("inky.toml").write_text('title = "Inky"\ncheckpoint = "mini"\nprompt = "ink"\nstrenght = 0.5\n')
    said = typed("run", clip, "--style", "inky.toml")
    assert said.code == 2
    assert "'strenght'" in said.err
    assert "inky.toml" in said.err


def test_a_finished_film_is_not_replaced_unasked(typed: Typed, studio: Studio, clip: Path) -> None:
    for name, words in {"two scenes.anime.mp4": (), "mine.mp4": ("-o", "mine.mp4")}.items():
        Path(name).write_text("a film")
        said = typed("run", clip, *words)
        assert said.code == 2
        assert name in said.err
        assert "-y" in said.err
        assert typed("run", clip, *words, "-y").code == 0
    assert studio.plans == 2, "the refusal comes before any work"


def test_a_dry_run_shows_the_plan_and_draws_nothing(typed: Typed, studio: Studio, clip: Path) -> None:
    studio.draw = lambda listener, stop: pytest.fail("it draws")
    Path("two scenes.anime.mp4").write_text("a film")
    said = typed("run", clip, "--dry-run", "--start", "4f")
    assert said.code == 0
    rows = [line.split() for line in said.out.splitlines()]
    assert ["style", "96x64", "16", "5", "11"] in rows
    assert ["finish", "96x64", "16", "0", "16"] in rows
    for fact in (
        "96x64, 24 fps, 20 frames",
        "4 to 20 (16 frames)",
        "8 of 16 frames are drawn: 1 shot on twos",
        "0.75",
        "18.3 MB",
        "1.2 GB",
        "42 s",
        "-y",
    ):
        assert fact in said.out


def test_a_dry_run_for_a_machine_is_one_object(typed: Typed, studio: Studio, clip: Path) -> None:
    said = typed("run", clip, "--dry-run", "--json")
    plan = json.loads(said.out)
    assert plan["clip"]["rate"] == "24"
    assert plan["span"] == [0, FRAMES]
    assert plan["segments"][0]["drawings"] == {"count": FRAMES // 2, "holds": [2], "repeats": 0}
    assert plan["passes"][0] == {
        "name": "style", "frames": FRAMES, "done": 5, "size": [96, 64],
    }  # fmt: skip
    assert plan["cost"]["seconds"] == 42
    assert plan["out_exists"] is False
    assert said.err == ""


def test_a_preview_is_a_picture_of_the_frame_meant(typed: Typed, studio: Studio, clip: Path) -> None:
    said = typed("run", clip, "--preview", "0.5")
    assert (said.code, said.out) == (0, "two scenes.anime.000012.png\n")
    assert studio.asked == {"index": 12}
    assert typed("run", clip, "--preview", "0.5").code == 2
    assert typed("run", clip, "--preview", "0.5", "-y").code == 0
    said = typed("run", clip, "--preview", "3f", "-o", "look.png", "--json")
    assert said.lines == [{"event": "preview", "path": "look.png", "index": 3}]


def a_pass(listener: Callable[..., None], stop: Callable[[], bool]) -> None:
    listener(PassStarted("style", 3, 1))
    listener(Note("The sound is shorter than the picture."))
    listener(FrameDone("style", 1))
    listener(FrameDone("style", 2))
    listener(PassFinished("style", 2.0))


def test_events_for_a_machine(typed: Typed, studio: Studio, clip: Path) -> None:
    studio.draw = a_pass
    said = typed("run", clip, "--json")
    plan, *events, film = said.lines
    assert plan["event"] == "plan"
    assert events == [
        {"event": "pass_started", "name": "style", "total": 3, "done": 1},
        {"event": "note", "text": "The sound is shorter than the picture."},
        {"event": "frame_done", "name": "style", "index": 1},
        {"event": "frame_done", "name": "style", "index": 2},
        {"event": "pass_finished", "name": "style", "seconds": 2.0},
    ]
    assert film == {"event": "film", "path": "two scenes.anime.mp4", "frames": FRAMES, "seconds": 12.5}
    assert said.err == ""


def test_progress_goes_to_stderr_and_can_be_left_out(typed: Typed, studio: Studio, clip: Path) -> None:
    studio.draw = a_pass
    said = typed("run", clip)
    assert "style: 3/3 done in 2.0 s, 1.0 fps" in said.err
    assert "style" not in said.out
    said = typed("run", clip, "--no-progress")
    assert said.err == "note: The sound is shorter than the picture.\n"
    said = typed("run", clip, "-q")
    assert (said.err, said.out) == ("", "")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_ends_the_run_after_its_frame(
    typed: Typed, studio: Studio, clip: Path, number: int
) -> None:
    polled = []

    def draw(listener: Callable[..., None], stop: Callable[[], bool]) -> None:
        polled.append(stop())
        signal.raise_signal(number)
        polled.append(stop())
        raise Interrupted("Stopped after frame 3.")

    studio.draw = draw
    before = signal.getsignal(number)
    said = typed("run", clip)
    assert polled == [False, True]
    assert said.code == 130
    assert "Stopped after frame 3.\n" in said.err
    assert "hint: the same command goes on from here" in said.err
    assert signal.getsignal(number) == before


def test_the_second_signal_drops_the_frame(typed: Typed, studio: Studio, clip: Path) -> None:
    def draw(listener: Callable[..., None], stop: Callable[[], bool]) -> None:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        pytest.fail("it goes on")

    studio.draw = draw
    said = typed("run", clip, "--no-resume", "--json")
    assert said.code == 130
    assert "the same command without --no-resume goes on" in said.err
    assert said.lines[-1]["kind"] == "Interrupted"
    assert said.lines[-1]["exit_code"] == 130


def test_what_breaks_while_stopping_counts_as_the_stop(typed: Typed, studio: Studio, clip: Path) -> None:
    def draw(listener: Callable[..., None], stop: Callable[[], bool]) -> None:
        signal.raise_signal(signal.SIGINT)
        raise ModelError("A worker went away.")

    studio.draw = draw
    assert typed("run", clip).code == 130


@pytest.fixture
def in_the_foreground() -> Iterator[None]:
    """A shell lets what it starts in the background ignore SIGINT; a program at a terminal hears it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("in_the_foreground")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_planning(
    typed: Typed, studio: Studio, clip: Path, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stylize.jobs.plan_run.plan_run", lambda *words, **more: signal.raise_signal(number))
    said = typed("run", clip)
    assert said.code == 130
    assert "Stopped.\n" in said.err


def test_a_failure_of_ours_keeps_its_code_and_place(typed: Typed, studio: Studio, clip: Path) -> None:
    def draw(listener: Callable[..., None], stop: Callable[[], bool]) -> None:
        raise ModelError("It does not fit.", where="model.safetensors", hint="try another")

    studio.draw = draw
    said = typed("run", clip)
    assert (said.code, said.err) == (
        1,
        "error: It does not fit.\nwhere: model.safetensors\n\nhint: try another\n",
    )
    last = typed("run", clip, "--json").lines[-1]
    assert (last["event"], last["kind"], last["hint"]) == ("error", "ModelError", "try another")


def test_a_bug_is_one_sentence_and_a_traceback_only_on_demand(
    typed: Typed, studio: Studio, clip: Path
) -> None:
    def draw(listener: Callable[..., None], stop: Callable[[], bool]) -> None:
        raise RuntimeError("tensors disagree\nand more")

    studio.draw = draw
    said = typed("run", clip, "--log-file", "logs/run.log")
    assert said.code == 1
    assert said.err.splitlines()[0] == "error: stylize itself failed: RuntimeError: tensors disagree."
    assert "--debug" in said.err
    assert "Traceback" not in said.err
    assert "Traceback" in Path("logs/run.log").read_text()
    assert "Traceback" in typed("run", clip, "--debug").err


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "trained/ink"), "The disk is full."),
        (OSError(errno.EROFS, "Read-only file system", "trained/ink"), "This folder cannot be written."),
        (RuntimeError("I/O error: No space left on device (os error 28)"), "The disk is full."),
        (
            RuntimeError("PytorchStreamWriter failed writing file data/3: file write failed"),
            "The disk is full.",
        ),
    ],
)
def test_a_disk_that_lets_nothing_be_written_is_no_bug(
    typed: Typed, studio: Studio, clip: Path, error: Exception, words: str
) -> None:
    def draw(listener: Callable[..., None], stop: Callable[[], bool]) -> None:
        raise error

    studio.draw = draw
    said = typed("run", clip)
    assert said.err.splitlines()[0] == f"error: {words}"
    assert "itself failed" not in said.err


class OutOfMemoryError(RuntimeError):
    """Bears the name of torch's own."""


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        OutOfMemoryError("CUDA out of memory."),
        RuntimeError(
            "[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"
        ),
    ],
)
def test_memory_that_runs_out_names_the_flags_that_help(
    typed: Typed, studio: Studio, clip: Path, error: Exception
) -> None:
    def draw(listener: Callable[..., None], stop: Callable[[], bool]) -> None:
        raise error

    studio.draw = draw
    said = typed("run", clip)
    assert said.code == 1
    assert "--size" in said.err


def test_a_log_file_that_cannot_be_written(typed: Typed, studio: Studio, clip: Path) -> None:
    Path("taken").write_text("")
    said = typed("run", clip, "--log-file", "taken/run.log")
    assert said.code == 1
    assert "log file" in said.err


def test_the_name_of_a_sequence_loses_its_number_field() -> None:
    settings = RunSettings(format="exr")
    assert default_output(Path("plates/shot.%04d.exr"), settings) == Path("shot.anime.%06d.exr")
    assert default_output(Path("a/plates/####.png"), RunSettings()) == Path("plates.anime.mp4")
    with pytest.raises(UsageError):
        default_output(Path("a.mp4"), RunSettings(style="nobody"))
