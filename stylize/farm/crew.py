"""The workers of a run: actors that come up, work, die and are replaced."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from stylize.farm.actor import Failed, Greeting, Loader, Made, Worker
from stylize.farm.cluster import Share


@dataclass
class Hand:
    """One worker: its number, its actor, the greeting (once it is up), and the task in its hands."""

    number: int
    actor: Any
    hello: Any
    greeting: Greeting | None = None
    task: Any = None

    @property
    def waits_for(self) -> Any:
        return self.task if self.greeting is not None else self.hello

    @property
    def is_free(self) -> bool:
        return self.greeting is not None and self.task is None

    @property
    def name(self) -> str:
        if self.greeting is None:
            return "a worker that never came up"
        return f"{self.greeting.host}, process {self.greeting.process}"


@dataclass
class Crew:
    """Actors of `stylize.farm.actor.Worker`, `size` of them as far as the cluster has room."""

    ray: Any
    size: int
    share: Share
    load: Loader
    runs: Sequence[str]
    hands: dict[int, Hand] = field(default_factory=dict)
    _count: int = 0

    def fill(self) -> None:
        """Asks for as many workers as are missing; where there is no room, they come up when there is."""
        while len(self.hands) < self.size:
            number, self._count = self._count, self._count + 1
            actor = (
                self.ray.remote(Worker)
                .options(
                    num_cpus=self.share.cpus,
                    num_gpus=self.share.gpus,
                    resources=dict(self.share.resources) or None,
                    max_restarts=0,
                    max_task_retries=0,
                    max_concurrency=1,
                )
                .remote(self.load, list(self.runs), self.share.cpus)
            )
            self.hands[number] = Hand(number, actor, actor.greet.remote())

    def begin(self, hand: Hand, method: str, *words: Any) -> None:
        """Gives a worker a task; its words come out of `listen`."""
        hand.task = getattr(hand.actor, method).options(num_returns="streaming").remote(*words)

    def listen(self, seconds: float) -> list[tuple[Hand, Greeting | Made | Failed | BaseException | None]]:
        """What workers say within so many seconds: None at the end of a task, an exception where one has died."""
        waiting = {hand.waits_for: hand for hand in self.hands.values() if hand.waits_for is not None}
        if not waiting:
            time.sleep(seconds)
            return []
        things = list(waiting)
        ready, _ = self.ray.wait(things, num_returns=1, timeout=seconds, fetch_local=False)
        if ready:
            ready, _ = self.ray.wait(things, num_returns=len(things), timeout=0, fetch_local=False)
        return [(waiting[thing], self._hear(waiting[thing])) for thing in ready]

    def _hear(self, hand: Hand) -> Greeting | Made | Failed | BaseException | None:
        try:
            if hand.greeting is None:
                word = self.ray.get(hand.hello)
                if isinstance(word, Greeting):
                    hand.greeting = word
                return word
            return self.ray.get(next(hand.task))
        except StopIteration:
            hand.task = None
            return None
        except self.ray.exceptions.RayError as error:
            return error  # as a word: the hand is lost, the run is not

    def dismiss(self, hand: Hand) -> None:
        """Lets a worker go, by force: it may hang."""
        self.hands.pop(hand.number, None)
        self.ray.kill(hand.actor, no_restart=True)
        if hand.greeting is not None:
            self._reap(hand.greeting)

    def _reap(self, greeting: Greeting) -> None:
        """Ends the process itself: one that is stopped does not hear that it shall go, and keeps its room."""
        if greeting.host == socket.gethostname():
            _end(greeting.process)
            return
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        there = NodeAffinitySchedulingStrategy(greeting.node, soft=False)
        self.ray.remote(_end).options(num_cpus=0, scheduling_strategy=there, max_retries=0).remote(
            greeting.process
        )

    def close(self) -> None:
        """Ends all workers: those of a finished run would keep the room of the next one."""
        for hand in list(self.hands.values()):
            self.dismiss(hand)


def _end(process: int) -> None:
    try:
        os.kill(process, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
