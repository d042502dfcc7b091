"""`stylize run --try`: which settings are varied, and the sheet that is drawn of them."""

from __future__ import annotations

import csv
import itertools
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from stylize import footage
from stylize.cli.overwriting import AS_THE_FILM, refuse_existing
from stylize.cli.progress import choose_renderer
from stylize.cli.run_options import SPELLINGS
from stylize.cli.spelling import repeat_command
from stylize.cli.stopping import Stopping
from stylize.cli.terminal import Terminal
from stylize.config.read_settings import read_settings
from stylize.config.settings import RunSettings
from stylize.errors import UsageError
from stylize.report.trials import NAME, Trial, TrialTable, draw_trials

STILL = (
    *("style", "model", "prompt", "negative_prompt", "strength", "guidance", "steps", "scheduler", "noise"),
    *("quality", "size", "controls", "loras", "seed", "runtime", "device", "precision"),
)
"""Settings whose effect one frame shows."""
SHEET_ONLY = {"--preview": 1, "--try": 1, "-o": 1, "--output": 1}
"""Options that the command for a whole film does without, with the number of words after each."""


class Axis:
    """One setting, the flag that it is written with, and the words of its values."""

    def __init__(self, text: str) -> None:
        """Reads `strength=0.4,0.6`; a value that holds a comma stands in double quotes.

        Raises:
            UsageError: there is no such setting, it does not show in a still, or there are no values.
        """
        flag, equals, values = text.partition("=")
        fields = {_flag(name).removeprefix("--"): name for name in STILL}
        self.flag = flag.strip().removeprefix("--").replace("_", "-")
        if not equals or not values.strip():
            raise UsageError(f"--try {text!r} has no values.", hint="write --try strength=0.4,0.6,0.8")
        if self.flag not in fields:
            moving = self.flag.replace("-", "_") in RunSettings.model_fields
            raise UsageError(
                f"--try cannot vary {self.flag!r}"
                + (": a single frame does not show it." if moving else "."),
                hint=f"it takes: {', '.join(fields)}",
            )
        self.field = fields[self.flag]
        self.words = [word.strip() for word in next(csv.reader([values], skipinitialspace=True))]

    def given(self, word: str) -> dict[str, Any]:
        """The setting with that value, as a flag gives it."""
        reader = SPELLINGS[self.field].read if self.field in SPELLINGS else None
        return {self.field: reader([word]) if reader else word}


def _flag(name: str) -> str:
    spelling = SPELLINGS.get(name)
    return spelling.flag if spelling and spelling.flag else f"--{name.replace('_', '-')}"


def read_table(tries: Sequence[str], flags: dict[str, Any], words: Sequence[str]) -> TrialTable:
    """The settings and commands of every way to draw: the last --try gives the columns, those before it the rows.

    Args:
        tries: what was given with --try; none is one way to draw.
        flags: the settings that flags give.
        words: of the command line.

    Raises:
        UsageError: a setting or a value that cannot be tried.
    """
    axes = [Axis(text) for text in tries]
    fields = [axis.field for axis in axes]
    if len(set(fields)) < len(fields):
        raise UsageError("--try names one setting twice.", hint="write all its values after one --try")
    across = [(axes[-1], word) for word in axes[-1].words] if axes else []
    down = list(itertools.product(*([(axis, word) for word in axis.words] for axis in axes[:-1])))
    columns = [[each] for each in across] or [[]]
    rows = [[_trial([*above, *column], flags, words) for column in columns] for above in down]
    return TrialTable(
        tuple(_heading(above) for above in down),
        tuple(_heading(column) or "drawn" for column in columns),
        tuple(map(tuple, rows)),
    )


def _heading(choices: Sequence[tuple[Axis, str]]) -> str:
    return ", ".join(f"{axis.flag} {word}" for axis, word in choices)


def _trial(choices: Sequence[tuple[Axis, str]], flags: dict[str, Any], words: Sequence[str]) -> Trial:
    changed = {name: value for axis, word in choices for name, value in axis.given(word).items()}
    taken = {f"--{axis.flag}": 1 for axis, _ in choices}
    plus = [part for axis, word in choices for part in (f"--{axis.flag}", word)]
    command = repeat_command(words, {**SHEET_ONLY, **taken}, plus)
    return Trial(read_settings(**{**flags, **changed}), command)


def show_trials(
    clip: Path,
    moments: Sequence[str],
    tries: Sequence[str],
    out: Path,
    flags: dict[str, Any],
    *,
    overwrite: bool,
    terminal: Terminal,
) -> None:
    """Draws the sheet, and says which command draws the film as each numbered picture shows it.

    Raises:
        StylizeError: see `stylize.report.trials.draw_trials`.
    """
    from stylize.jobs.analysis import analyse_clip

    if out.suffix.lower() not in (".png", ".jpg", ".jpeg"):
        raise UsageError("A sheet is a PNG or JPEG file.", where=out, hint="give -o a name that ends in .png")
    if not overwrite:
        refuse_existing(out, AS_THE_FILM)
    table = read_table(tries, flags, terminal.words)
    found = analyse_clip(clip, read_settings(**flags))
    numbers = [footage.parse_time(moment, found.clip) for moment in moments]
    count = math.prod((len(numbers), len(table.commands)))
    renderer = choose_renderer(terminal, clip.name, [(NAME, count, 0)])
    with Stopping(quiet=terminal.quiet) as stopping, renderer:
        draw_trials(found, table, numbers, out, renderer, stopping.asked)
    record = {"event": "trials", "path": str(out), "frames": numbers, "commands": table.commands}
    lines = [f"{number:>3}  {command}" for number, command in enumerate(table.commands, start=1)]
    terminal.answer(record, "\n".join([str(out), *lines]))
