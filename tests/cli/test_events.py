"""What commands write with --json is what the schema in the docs says; and --bell calls somebody back."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest

import stylize
from stylize.cli.progress import NAMES
from stylize.cli.terminal import Terminal
from stylize.cli.train.parts import progress_bar
from stylize.errors import ModelError
from stylize.events import FrameDone, Note, PassFinished, PassStarted

from .conftest import Studio, Typed

jsonschema = pytest.importorskip("jsonschema")
SCHEMA = Path(__file__).parents[2] / "docs" / "events.schema.json"
EVENTS = SCHEMA.with_name("events.md")


@pytest.fixture(scope="module")
def schema() -> Any:
    return jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))


def test_a_run_writes_events_of_the_schema(typed: Typed, studio: Studio, clip: Path, schema: Any) -> None:
    def draw(listener: Any, stop: Any) -> None:
        for event in (
            PassStarted("style", 20, 5),
            FrameDone("style", 5),
            Note("so"),
            PassFinished("style", 1.5),
        ):
            listener(event)

    studio.draw = draw
    said = typed("run", clip, "--json")
    assert [line["event"] for line in said.lines] == [
        *("plan", "pass_started", "frame_done", "note", "pass_finished", "film")
    ]
    for line in said.lines:
        schema.validate(line)


def test_errors_and_previews_too(typed: Typed, studio: Studio, clip: Path, schema: Any) -> None:
    def fail(listener: Any, stop: Any) -> None:
        raise ModelError("It broke.", hint="mend it")

    schema.validate(typed("run", clip, "--preview", "0", "--json").lines[-1])
    studio.draw = fail
    said = typed("run", clip, "--json")
    assert said.lines[-1]["exit_code"] == said.code == 1
    schema.validate(said.lines[-1])


def test_every_event_that_is_written_stands_in_the_schema_and_in_the_table(schema: Any) -> None:
    """And no other does."""
    stated = [each["properties"]["event"]["const"] for each in schema.schema["oneOf"]]
    table = re.findall(r"^\| `([a-z_-]+)` \|", EVENTS.read_text(encoding="utf-8"), re.MULTILINE)
    assert stated == table
    assert set(stated) == _written() | set(NAMES.values())


def _written() -> set[str]:
    """The words that stand for `event` in the records of the program's code."""
    package = Path(stylize.__file__).parent
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in package.rglob("*.py")]
    records = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Dict)]
    said = [
        value
        for record in records
        for key, value in zip(record.keys, record.values, strict=True)
        if isinstance(key, ast.Constant) and key.value == "event" and not isinstance(value, ast.Subscript)
    ]
    parts = [
        part
        for value in said
        for part in ([value.body, value.orelse] if isinstance(value, ast.IfExp) else [value])
    ]
    assert all(isinstance(part, ast.Constant) for part in parts)
    return {str(part.value) for part in parts if isinstance(part, ast.Constant)}


def test_every_event_of_the_schema_is_told_apart(schema: Any) -> None:
    assert schema.is_valid({"event": "frame_done", "name": "style", "index": 3, "more": 1})
    assert not schema.is_valid({"event": "frame_done", "name": "style"})
    assert not schema.is_valid({"event": "unheard_of"})


def test_training_tells_its_steps(schema: Any, capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bar(Terminal(as_json=True), "training mine", 4) as show:
        for step in (3, 4):  # it goes on where it was stopped
            show(step)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    for line in lines:
        schema.validate(line)
    assert [line["event"] for line in lines] == [
        *("pass_started", "pass_started", "frame_done", "frame_done", "pass_finished")
    ]
    assert lines[1]["done"] == 2


def test_the_end_is_announced_where_it_is_asked_for(
    typed: Typed, studio: Studio, clip: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "notify-send"
    program.write_text('#!/bin/sh\nprintf "%s|" "$@" >> told\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    typed("run", clip)
    assert not Path("told").exists()
    typed("run", clip, "-y", "--bell")
    assert Path("told").read_text() == "--app-name=stylize|stylize run|Done.|"
