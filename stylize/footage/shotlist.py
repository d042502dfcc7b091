"""The shot list: a CSV file that a person reads and edits in a spreadsheet.

    shot,start,end,start_time,end_time
    1,0,30,00:00:00.000,00:00:01.200

`start` and `end` are frame numbers from 0 and are what counts; `end` is the next shot's `start`. The other
columns are for the reader. A list may cover a part of the clip, but has no holes.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from stylize.errors import UsageError
from stylize.footage.clip import Clip, Shot
from stylize.footage.outfile import staged_file
from stylize.footage.timecode import format_time
from stylize.system.documents import DocumentError, read_text
from stylize.system.numbers import read_count, shortened

COLUMNS = ("shot", "start", "end", "start_time", "end_time")


def write_shots(path: Path, shots: Sequence[Shot], clip: Clip, *, overwrite: bool = False) -> Path:
    """Write a shot list.

    Raises:
        UsageError: the file exists: someone may have edited it.
        OutputError: it cannot be written.
    """
    if path.exists() and not overwrite:
        raise UsageError(
            "The shot list exists.", where=path, hint="Add -y to replace it, or choose another name."
        )
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    for number, shot in enumerate(shots, start=1):
        times = format_time(shot.start, clip), format_time(shot.end, clip)
        rows.writerow([number, shot.start, shot.end, *times])
    with staged_file(path) as temporary:
        temporary.write_text(text.getvalue(), encoding="utf-8")
    return path


def read_shots(path: Path, clip: Clip) -> list[Shot]:
    """Read a shot list back; commas, semicolons and tabs are understood, as spreadsheets write each.

    Raises:
        UsageError: there is no such file, or a line of it cannot be meant; the sentence names the line.
    """
    try:
        text = read_text(path)
    except DocumentError as error:
        if error.missing:
            raise UsageError("There is no such shot list.", where=path) from error
        raise UsageError(f"The shot list {error}.", where=path, hint="Save it as CSV.") from error
    head = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        return _read_rows(reader, path, clip)
    except csv.Error as error:
        raise UsageError(
            f"Line {reader.line_num} of the shot list cannot be read: {error}.", where=path
        ) from error


def _read_rows(reader: Any, path: Path, clip: Clip) -> list[Shot]:
    names = [name.strip().lower() for name in next(reader, [])]
    if not {"start", "end"} <= set(names):
        raise UsageError(
            "The shot list's first line does not name the columns start and end.",
            where=path,
            hint=f"Begin it with {','.join(COLUMNS)}.",
        )
    shots: list[Shot] = []
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        where = f"{path}, line {reader.line_num}"
        row = dict(zip(names, cells, strict=False))
        shot = Shot(_number(row, "start", where), _number(row, "end", where))
        _check(shot, shots[-1] if shots else None, clip, where)
        shots.append(shot)
    if not shots:
        raise UsageError(
            "The shot list has no shots.", where=path, hint="Give each shot a line, or leave the list out."
        )
    return shots


def _number(row: dict[str, str], name: str, where: str) -> int:
    text = (row.get(name) or "").strip()
    number = read_count(text)
    if number is None:
        raise UsageError(
            f"The {name} {shortened(text)!r} is not a frame number.", where=where, hint="Frames count from 0."
        )
    return number


def _check(shot: Shot, before: Shot | None, clip: Clip, where: str) -> None:
    if shot.start >= shot.end:
        raise UsageError(
            f"The shot ends at frame {shot.end}, not after its start {shot.start}.",
            where=where,
            hint="The end is the number of the frame after the shot's last one.",
        )
    if shot.end > clip.frame_count:
        raise UsageError(
            f"The shot ends at frame {shot.end}; the clip has {clip.frame_count}.",
            where=where,
            hint="Is this the list of another clip?",
        )
    if before and shot.start < before.end:
        raise UsageError(
            f"The shot starts at frame {shot.start}, within the one before, which ends at {before.end}.",
            where=where,
            hint=f"Let it start at {before.end}, or end the one before at {shot.start}.",
        )
    if before and shot.start > before.end:
        raise UsageError(
            f"Frames {before.end} to {shot.start} are in no shot.",
            where=where,
            hint=f"Let this shot start at {before.end}, or end the one before at {shot.start}.",
        )
