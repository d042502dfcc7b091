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
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from stylize.footage.clip import Clip
from stylize.store import FrameStore, commit

WAYS = {
    "redrawn": "drawn again with another seed",
    "rebuilt": "rebuilt from the frames beside",
    "left": "left as drawn",
}


def repairs_file(out: Path) -> Path:
    """Where the list for a film or an image sequence lies."""
    return out.with_name(f"{out.name.replace('%', '').replace('#', '')}.repair.json")


def write_repairs(
    out: Path, store: FrameStore, mode: str, frames: Sequence[int], shown: Sequence[int], clip: Clip
) -> str | None:
    """Writes the list if there is anything to tell; takes away that of an older film of the same name.

    Args:
        out: the film.
        store: of the repair pass: what it told lies beside its frames.
        frames: those that were judged.
        shown: for every frame of the film, which of `frames` it shows, in the order of the film.

    Returns:
        the sentence for a person, or None.
    """
    path = repairs_file(out)
    told = {number: note for number in frames if (note := store.read_note(number)) is not None}
    if not told:
        path.unlink(missing_ok=True)
        return None
    start = shown[0]
    rows: list[dict[str, Any]] = [
        {
            "frame": number,
            "seconds": round(float(clip.seconds_of(number)), 3),
            "shows": [start + place for place, drawing in enumerate(shown) if drawing == number],
            **note,
        }
        for number, note in told.items()
    ]
    report = {"mode": mode, "judged": len(frames), "unstable": rows}
    commit(path, (json.dumps(report, indent=1, ensure_ascii=False) + "\n").encode())
    ways = Counter(row["done"] for row in rows)
    words = ", ".join(f"{ways[way]} {text}" for way, text in WAYS.items() if ways[way])
    return f"{len(rows)} of {len(frames)} drawings were unstable: {words}; see {path.name}."
