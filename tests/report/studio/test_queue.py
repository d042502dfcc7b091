"""The studio's queue: order, progress, stopping, and going on after the studio was killed."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from stylize.errors import CannotWrite, UsageError
from stylize.report.studio import queue as queue_module
from stylize.report.studio.library import Library
from stylize.report.studio.queue import FILE, FOLDER, StudioQueue
from stylize.report.studio.task import Task
from stylize.report.studio.tasks_shown import task_list

from .conftest import add, wait_for


def test_tasks_are_made_one_after_the_other_and_counted(queue: StudioQueue, library: Library) -> None:
    first, second = add(queue, "a", 8), add(queue, "b{id}", 2)
    queue.start()
    wait_for(lambda: first.tally.done > 2)
    assert second.state == "waiting"
    assert "% , " not in task_list(queue.tasks)
    assert '<progress value="' in task_list(queue.tasks)
    wait_for(lambda: second.state == "done")
    assert first.state == "done"
    assert (library.project("walk").folder / "b2").read_text() == "xx"
    assert second.command == "stylize b2 2"


@pytest.mark.parametrize("kind", ["", "deaf"])
def test_cancel_stops_within_two_seconds_and_keeps_what_is_made(queue: StudioQueue, kind: str) -> None:
    task = add(queue, "a", 400, *[kind] * bool(kind))
    queue.start()
    wait_for(lambda: task.tally.done > 0)
    began = time.monotonic()
    queue.stop(task.id, "cancelled")
    wait_for(lambda: task.state == "cancelled")
    assert time.monotonic() - began < 2.0
    made = task.tally.done
    assert made > 0
    if not kind:
        task.words[1] = str(made + 3)
        queue.resume(task.id)
        wait_for(lambda: task.state == "done")
        assert task.tally.passes["style"].fresh <= 3


def test_a_paused_task_lets_the_next_one_go_first(queue: StudioQueue) -> None:
    first, second = add(queue, "a", 60), add(queue, "b", 2)
    queue.start()
    wait_for(lambda: first.tally.done > 0)
    queue.stop(first.id, "paused")
    wait_for(lambda: second.state == "done")
    assert first.state == "paused"
    queue.resume(first.id)
    wait_for(lambda: first.state == "done")


def test_looks_do_not_wait_for_films(queue: StudioQueue) -> None:
    film = add(queue, "film", 200)
    seen = queue.add("walk", "look", ["look", "1"], "look", "look")
    queue.start()
    wait_for(lambda: seen.state == "done")
    assert film.state == "running"


def test_a_failure_is_told_and_escaped(queue: StudioQueue) -> None:
    task = add(queue, "a", 1, "broken")
    queue.start()
    wait_for(lambda: task.state == "failed")
    shown = task_list(queue.tasks)
    assert "The model &lt;b&gt;broke&lt;/b&gt;." in shown
    assert "try another" in shown
    assert "Go on from there" in shown


@pytest.mark.parametrize("told", [1, 2])
def test_a_lane_goes_on_where_the_queue_cannot_be_saved(
    queue: StudioQueue, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, told: int
) -> None:
    """The disk is full as the first task begins, or as it ends."""
    first, second = add(queue, "a", 40 if told == 1 else 2), add(queue, "b", 2)
    real, saves = queue_module.atomic_write, iter(range(1, 100))

    def full_once(path: Path, data: bytes) -> None:
        if next(saves) == told:
            raise CannotWrite("The disk is full.", hint="free some room")
        real(path, data)

    monkeypatch.setattr(queue_module, "atomic_write", full_once)
    queue.start()
    wait_for(lambda: second.state == "done")
    if told == 1:
        assert (first.state, first.said, first.hint) == ("failed", "The disk is full.", "free some room")
        assert first.pid is None
        assert first.seconds < 5  # its command was ended, and not left to itself
    else:
        assert first.state == "done"
    assert "The disk is full." in caplog.text
    caplog.clear()


def test_what_cannot_be_saved_is_not_queued(queue: StudioQueue, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, data: bytes) -> None:
        raise CannotWrite("The disk is full.")

    monkeypatch.setattr(queue_module, "atomic_write", full)
    with pytest.raises(CannotWrite):
        add(queue, "a", 1)
    assert queue.tasks == []


def test_a_lane_goes_on_after_what_nobody_foresaw(
    queue: StudioQueue, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = add(queue, "a", 40), add(queue, "b", 2)
    take = Task.take

    def torn(task: Task, event: dict[str, Any]) -> None:
        if task is first:
            raise KeyError("passes")
        take(task, event)

    monkeypatch.setattr(Task, "take", torn)
    queue.start()
    wait_for(lambda: second.state == "done")
    assert first.state == "failed"
    assert "Traceback" in caplog.text
    caplog.clear()


def test_the_order_can_be_changed_while_tasks_wait(queue: StudioQueue) -> None:
    first, second, third = (add(queue, name, 1) for name in "abc")
    queue.move(third.id, -1)
    queue.move(first.id, -1)
    queue.move(second.id, 5)
    assert [task.title for task in queue.tasks] == ["a", "c", "b"]


def test_a_killed_studio_goes_on_with_its_queue(library: Library, slow_commands: None) -> None:
    killed = StudioQueue(library)
    first, second = add(killed, "a", 60), add(killed, "b", 1)
    killed.start()
    wait_for(lambda: first.tally.done > 1)
    pid = first.pid
    assert pid is not None
    saved = (library.root / FOLDER / FILE).read_text()
    killed._closed = True  # as far as this process goes; the command still runs
    again = StudioQueue(library)
    wait_for(lambda: not _is_alive(pid))
    killed.close()
    (library.root / FOLDER / FILE).write_text(saved)
    again = StudioQueue(library)
    assert [(task.title, task.state) for task in again.tasks] == [("a", "waiting"), ("b", "waiting")]
    again.start()
    wait_for(lambda: all(task.state == "done" for task in again.tasks))
    assert again.find(first.id).tally.passes["style"].fresh < 60
    assert again.find(second.id).state == "done"
    assert add(again, "c", 1).id == 3
    again.close()


def _is_alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as file:  # noqa: PTH123
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_queue_that_cannot_be_read_is_refused(library: Library) -> None:
    (library.root / FOLDER).mkdir()
    (library.root / FOLDER / FILE).write_text('{"tasks": [{"id": 1}]}')
    with pytest.raises(UsageError, match="cannot be read"):
        StudioQueue(library)


def test_a_stranger_s_process_is_left_alone(library: Library, slow_commands: None) -> None:
    from stylize.report.studio.process import end_left_over

    end_left_over(os.getpid(), library.root / "walk")
    end_left_over(2**22 + 1, library.root / "walk")
