"""The studio's queue: kept on the disk, worked off one by one, and gone on with after the studio was killed."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Sequence

from stylize.errors import StylizeError, UsageError
from stylize.report.studio.library import Library
from stylize.report.studio.process import RunningCommand, end_left_over
from stylize.report.studio.task import Lane, State, Task
from stylize.storage.atomic import atomic_write

FILE = "queue.json"
FOLDER = ".studio"
MOST_KEPT = 200
"""Finished tasks that are remembered."""

_log = logging.getLogger(__name__)


class StudioQueue:
    """Every task of a library. All that it does may be asked for from several threads."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._file = library.root / FOLDER / FILE
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._closed = False
        self._running: dict[int, RunningCommand] = {}
        self.tasks: list[Task] = []
        self._next = 1
        self._read()
        lanes: tuple[Lane, ...] = ("look", "render")
        self._workers = [threading.Thread(target=self._work, args=(lane,), daemon=True) for lane in lanes]

    def start(self) -> None:
        """Begins to work."""
        for worker in self._workers:
            worker.start()

    def close(self) -> None:
        """Stops what runs; it will be gone on with when the studio is started again."""
        with self._lock:
            self._closed = True
            self._changed.notify_all()
            for command in self._running.values():
                command.stop()
        for worker in self._workers:
            if worker.is_alive():
                worker.join(timeout=4)

    def add(
        self, project: str, title: str, words: Sequence[str], lane: Lane, makes: str, shows: str = ""
    ) -> Task:
        """Puts a command at the end of the queue. `{id}` in its words and in `makes` becomes the task's number.

        Raises:
            CannotWrite: the queue cannot be saved; the command is not in it then.
        """
        with self._lock:
            number = self._next
            self._next += 1
            numbered = [word.replace("{id}", str(number)) for word in words]
            task = Task(number, project, title, numbered, lane, makes.replace("{id}", str(number)), shows)
            self.tasks.append(task)
            try:
                self._save()
            except StylizeError:
                self.tasks.remove(task)
                raise
            return task

    def find(self, number: int) -> Task:
        """The task of that number.

        Raises:
            UsageError: there is none.
        """
        found = next((task for task in self.tasks if task.id == number), None)
        if found is None:
            raise UsageError(f"There is no task {number}.")
        return found

    def stop(self, number: int, then: State) -> None:
        """Cancels or pauses a task. What it has made is kept, and it can go on from there."""
        with self._lock:
            task = self.find(number)
            if task.state == "running":
                task.state, task.then = "stopping", then
                if number in self._running:
                    self._running[number].stop()
            elif task.state in ("waiting", "paused"):
                task.state = then
            self._save()

    def resume(self, number: int) -> None:
        """Lets a task go on that was paused, cancelled or failed."""
        with self._lock:
            task = self.find(number)
            if task.state in ("paused", "cancelled", "failed"):
                task.state, task.said, task.hint = "waiting", "", ""
                self._save()

    def move(self, number: int, by: int) -> None:
        """Changes places with the waiting task before (-1) or after (1)."""
        with self._lock:
            waiting = [task for task in self.tasks if task.state in ("waiting", "paused")]
            task = self.find(number)
            if task not in waiting:
                return
            other = waiting[max(0, min(len(waiting) - 1, waiting.index(task) + by))]
            here, there = self.tasks.index(task), self.tasks.index(other)
            self.tasks[here], self.tasks[there] = other, task
            self._save()

    def of_project(self, name: str) -> list[Task]:
        """The tasks of a project, in order."""
        with self._lock:
            return [task for task in self.tasks if task.project == name]

    def _work(self, lane: Lane) -> None:
        while True:
            with self._lock:
                task = self._take(lane)
                while task is None and not self._closed:
                    self._changed.wait()
                    task = self._take(lane)
                if self._closed or task is None:
                    return
            began = time.monotonic()
            try:
                self._run(task, began)
            except Exception as error:  # one task's; the lane goes on with the next
                self._give_up(task, error, began)

    def _take(self, lane: Lane) -> Task | None:
        return next((task for task in self.tasks if task.lane == lane and task.state == "waiting"), None)

    def _run(self, task: Task, began: float) -> None:
        folder = self._library.project(task.project).folder
        with self._lock:
            if task.state != "waiting" or self._closed:
                return
            command = RunningCommand(task.words, folder)
            self._running[task.id] = command
            task.state, task.pid, task.then = "running", command.process.pid, "cancelled"
            self._save()
        for event in command.events():
            with self._lock:
                task.take(event)
        code = command.wait()
        with self._lock:
            self._running.pop(task.id, None)
            if code == 0:
                self._finish(task, "done", "", began)
            elif task.was_asked_to_stop:
                self._finish(task, task.then, "Everything finished so far is kept.", began)
            elif self._closed:
                self._finish(task, "waiting", "", began)
            else:
                self._finish(task, "failed", task.said or " ".join(command.errors[-3:]), began)

    def _give_up(self, task: Task, error: Exception, began: float) -> None:
        """Marks a task as failed that could not be begun or read; its command, if it runs, is ended."""
        expected = isinstance(error, StylizeError | OSError)
        _log.error("task %d of the studio: %s", task.id, error, exc_info=None if expected else error)
        with self._lock:
            command = self._running.pop(task.id, None)
        if command is not None:
            command.stop()
            command.wait()
        with self._lock:
            task.hint = (error.hint or "") if isinstance(error, StylizeError) else ""
            self._finish(task, "failed", str(error), began)

    def _finish(self, task: Task, state: State, said: str, began: float) -> None:
        with self._lock:
            task.state, task.said, task.pid = state, said, None
            task.seconds += time.monotonic() - began
            try:
                self._save()
            except (
                StylizeError
            ) as error:  # what is shown is right all the same; the next change is saved with it
                _log.error("the studio's queue is not saved: %s", error)

    def _save(self) -> None:
        self._changed.notify_all()
        finished = [task for task in self.tasks if not task.is_active]
        for task in finished[:-MOST_KEPT]:
            self.tasks.remove(task)
        table = {"next": self._next, "tasks": [task.record() for task in self.tasks]}
        atomic_write(self._file, json.dumps(table, indent=1, ensure_ascii=False).encode())

    def _read(self) -> None:
        """Takes up the queue of an earlier studio; what ran when it was killed waits again, before all others."""
        if not self._file.is_file():
            return
        try:
            table = json.loads(self._file.read_text(encoding="utf-8"))
            self.tasks = [Task.of(record) for record in table["tasks"]]
            self._next = int(table["next"])
        except (ValueError, KeyError, TypeError) as error:
            raise UsageError(
                "The studio's queue cannot be read.", where=self._file, hint="move this file away"
            ) from error
        for task in self.tasks:
            if task.pid is not None:
                end_left_over(task.pid, self._library.root / task.project)
            task.pid = None
            if task.state == "running":
                task.state = "waiting"
            elif task.state == "stopping":
                task.state = task.then
