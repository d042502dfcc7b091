"""The list of frames that were found unstable, and what became of each: `FILM.repair.json` beside the film.

    {"mode": "auto", "judged": 120, "unstable": [
        {"frame": 41, "seconds": 1.708, "shows": [41, 42], "done": "redrawn", "attempt": 1,
         "reason": "its colours are not its neighbours'", "severity": 2.31, "severity_after": 0.4, "z": {...}}]}

`frame` counts from 0 in the source, `shows` are the frames of the film that show the drawing; `severity` is the
worst measure beside its limit (1 and more is unstable), and `z` every measure's robust z.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stylize.footage.clip import Clip
from stylize.jobs.job import RenderJob, Segment
from stylize.passes.repair import Mode, RepairPass
from stylize.storage.atomic import atomic_write

WAYS = {
    "redrawn": "drawn again with another seed",
    "rebuilt": "rebuilt from the frames beside",
    "left": "left as drawn",
}


def repairs_file(out: Path) -> Path:
    """Where the list for a film or an image sequence lies."""
    return out.with_name(f"{out.name.replace('%', '').replace('#', '')}.repair.json")


@dataclass(frozen=True)
class RepairList:
    """What was found of a job's drawings: the mode, how many were judged, and a row for each unstable one."""

    mode: Mode
    judged: int
    rows: tuple[dict[str, Any], ...]

    @property
    def words(self) -> str:
        """`2 of 120 drawings were unstable: 1 drawn again with another seed, 1 left as drawn`."""
        if not self.rows:
            return f"None of {self.judged} drawings was unstable"
        ways = Counter(row["done"] for row in self.rows)
        words = ", ".join(f"{ways[way]} {text}" for way, text in WAYS.items() if ways[way])
        return f"{len(self.rows)} of {self.judged} drawings were unstable: {words}"


def read_repairs(job: RenderJob) -> RepairList | None:
    """The unstable drawings of a job whose frames lie in its store; None where none were looked for."""
    judging = [(segment, step) for segment in job.segments if (step := _judge(segment)) is not None]
    if not judging:
        return None
    judged = sum(len(step.frames.numbers) for _, step in judging)
    rows = tuple(row for segment, step in judging for row in _unstable(job.clip, segment, step))
    return RepairList(judging[0][1].mode, judged, rows)


def write_repairs(job: RenderJob) -> str | None:
    """Writes the list if there is anything to report; removes that of an older film of the same name.

    Returns:
        the sentence for a person, or None.
    """
    found = read_repairs(job)
    if found is None:
        return None
    path = repairs_file(job.film.path)
    if not found.rows:
        path.unlink(missing_ok=True)
        return None
    report = {"mode": found.mode, "judged": found.judged, "unstable": list(found.rows)}
    atomic_write(path, (json.dumps(report, indent=1, ensure_ascii=False) + "\n").encode())
    return f"{found.words}; see {path.name}."


def _judge(segment: Segment) -> RepairPass | None:
    """The pass of a segment that looks for unstable drawings."""
    return next((step for step in segment.passes if isinstance(step, RepairPass)), None)


def _unstable(clip: Clip, segment: Segment, step: RepairPass) -> Iterator[dict[str, Any]]:
    store = segment.store(step.name)
    for number in step.frames.numbers:
        note = store.read_note(number)
        if note is not None:
            yield {
                "frame": number,
                "seconds": round(float(clip.seconds_of(number)), 3),
                "shows": [index for index in segment.span if segment.sheet.drawing_at(index) == number],
                **note,
            }
