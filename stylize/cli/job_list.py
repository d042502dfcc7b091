"""`stylize run --jobs`: a list of jobs, one after the other."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stylize.cli.drawing import draw, renderer_for
from stylize.cli.outcomes import Outcome, close
from stylize.cli.run_options import RunOptions
from stylize.cli.terminal import Terminal
from stylize.cli.unforeseen import unforeseen
from stylize.errors import Interrupted, StylizeError

if TYPE_CHECKING:
    from stylize.jobs.batch import JobEntry

_log = logging.getLogger(__name__)


def run_jobs(
    file: Path, flags: dict[str, Any], how: RunOptions, terminal: Terminal, *, keep_going: bool
) -> None:
    """Runs the jobs of a list in order.

    A job whose very film is there already is left out; others go on where they were.

    Args:
        flags: settings that come before those of the list.
        keep_going: after a job that failed, go on with the next one.
    """
    from stylize.jobs.batch import read_jobs

    run_entries(read_jobs(file, flags, how.work_dir), how, terminal, keep_going=keep_going)


def run_entries(
    entries: Sequence[JobEntry], how: RunOptions, terminal: Terminal, *, keep_going: bool
) -> None:
    """Runs jobs in order: see `run_jobs`. Those that follow each other and need the same model load it once."""
    from stylize.generators.load import generators_kept

    outcomes: list[Outcome] = []
    with generators_kept():
        for number, entry in enumerate(entries, start=1):
            terminal.note(f"job {number} of {len(entries)}: {entry.name}")
            outcome = _attempt(entry, how, terminal)
            outcomes.append(outcome)
            if terminal.as_json:
                terminal.emit(outcome.record)
            elif outcome.error is not None:
                terminal.report(outcome.error)
            if outcome.error is not None and (isinstance(outcome.error, Interrupted) or not keep_going):
                break
    outcomes += [Outcome(entry.name, "not begun", str(entry.out)) for entry in entries[len(outcomes) :]]
    close(outcomes, terminal)


def _attempt(entry: JobEntry, how: RunOptions, terminal: Terminal) -> Outcome:
    from stylize.jobs.consent import may_replace
    from stylize.jobs.receipt import film_is_there

    try:
        job = entry.plan()
        if how.resume and film_is_there(job):
            return Outcome(entry.name, "there", str(entry.out))
        own = replace(how, overwrite=how.overwrite or may_replace(job))
        renderer = renderer_for(job, entry.name, terminal, own)
        film = draw(job, renderer, own, quiet=terminal.quiet, remember=True, words=terminal.words)
        return Outcome(entry.name, "done", str(film.path), film.frames, film.seconds)
    except StylizeError as error:
        return Outcome(entry.name, "failed", str(entry.out), error=error)
    except Exception as error:  # it belongs to this job: with --keep-going the others go on
        _log.debug("job %s failed", entry.name, exc_info=True)
        return Outcome(entry.name, "failed", str(entry.out), error=unforeseen(error))
