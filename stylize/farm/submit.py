"""Submits a job to a cluster that this machine is not part of: Ray's job service starts the driver there."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Sequence
from typing import Any

from stylize.errors import Interrupted, MissingPart, StylizeError, UsageError
from stylize.farm.cluster import set_environment
from stylize.system.dependencies import install_hint

POLL_S = 2.0
HEAD_START_S = 30.0
"""For how long a head that has just started may answer that no agent is available."""


def submit(address: str, arguments: Sequence[str]) -> str:
    """Starts `stylize farm run ... --address auto` on the cluster's head; returns Ray's id of it.

    Args:
        address: `http://HOST:8265`, where the cluster's dashboard answers.
        arguments: what follows `stylize farm run`.

    Raises:
        MissingPart, StylizeError: no Ray here, or no job service there.
    """
    for word in arguments[:1]:
        if word.startswith("-"):
            raise UsageError(
                f"A list of jobs cannot be called {word!r}: it would be taken for an option.",
                hint="give its path with its folder: ./" + word,
            )
    entry = shlex.join(["stylize", "farm", "run", *arguments, "--address", "auto", "--no-progress"])
    deadline = time.monotonic() + HEAD_START_S
    while True:
        try:
            return str(_client(address).submit_job(entrypoint=entry))
        except RuntimeError as error:
            if "No available agent" not in str(error) or time.monotonic() > deadline:
                raise _refused(address, error) from error
        time.sleep(POLL_S)


def wait(address: str, job: str, stop: Callable[[], bool]) -> int:
    """Waits for a submitted job; returns its exit code.

    Raises:
        Interrupted: the user stopped waiting; the job goes on.
    """
    client = _client(address)
    while True:
        if stop():
            raise Interrupted("Stopped waiting; the job goes on.", hint=f"ray job stop {job} ends it")
        info = client.get_job_info(job)
        if info.status.is_terminal():
            return 0 if str(info.status) == "SUCCEEDED" else int(info.driver_exit_code or 1)
        time.sleep(POLL_S)


def log_tail(address: str, job: str, lines: int = 20) -> list[str]:
    """The last lines of a submitted job's log."""
    return str(_client(address).get_job_logs(job)).splitlines()[-lines:]


def _client(address: str) -> Any:
    set_environment(embedded=False)
    try:
        from ray.job_submission import JobSubmissionClient
    except ImportError as error:
        raise MissingPart(
            "Submitting to a cluster needs Ray, which is not installed.", hint=install_hint("farm")
        ) from error
    try:
        return JobSubmissionClient(address)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise _refused(address, error) from error


def _refused(address: str, error: Exception) -> StylizeError:
    first_line = (str(error).strip().splitlines() or [""])[0]
    return StylizeError(
        f"The cluster's job service does not take it: {first_line}",
        where=address,
        hint="give the head's http://HOST:8265; it is there when the head was started with its dashboard, "
        "and may want RAY_AUTH_TOKEN",
    )
