"""A list of jobs: `jobs.toml`.

[all]                          # for every job; a job's own settings come before these
style = "anime"

[[job]]
clip = "plates/010.mp4"        # paths start at the list's own folder
out = "films/010.mp4"
steps = 4                      # any setting of `stylize run`, by its name in stylize.toml

[[job.shot]]                   # for some shots alone, numbered from 1 as `stylize shots` lists them
shots = "2-3"
seed = 7
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stylize.config.read_settings import settings_of
from stylize.config.settings import RunSettings
from stylize.errors import UsageError
from stylize.jobs.naming import bare_name, default_output
from stylize.storage.place import Place, place
from stylize.system.documents import DocumentError, read_toml
from stylize.system.numbers import read_count, shortened

if TYPE_CHECKING:
    from stylize.footage.clip import Shot
    from stylize.jobs.analysis import ClipAnalysis
    from stylize.jobs.job import RenderJob

OF_THE_FILM = ("shots", "start", "end", "rate", "format", "audio", "comp", "foreground", "alpha")
"""Settings that a shot cannot have for itself."""
PATHS = (
    *("comp", "foreground", "shots", "annotators", "keyframes"),
    *("face_model", "ip_adapter", "image_encoder", "transformer"),
)
"""Settings that are always a path, and never a name."""
HINT = "see examples/farm/jobs.toml"


@dataclass(frozen=True)
class JobEntry:
    """One job of a list: a clip, its film, and what is asked; `per_shot` holds what some shots have instead."""

    name: str
    clip: Path
    out: Path
    run_dir: Place
    settings: RunSettings
    per_shot: tuple[tuple[range, RunSettings], ...] = ()
    """For shots of these numbers, from 1; of several that name a shot the last one counts."""

    def plan(self, remote: bool = False) -> RenderJob:
        """Decides the job.

        Args:
            remote: other machines draw, and a device that is named is theirs.

        Raises:
            StylizeError: what cannot be meant, read or found.
        """
        from stylize.jobs.analysis import analyse_clip
        from stylize.jobs.plan_run import plan_parts

        found = analyse_clip(self.clip, self.settings)
        there = range(1, len(found.shots) + 1)
        ends = [end for numbers, _ in self.per_shot for end in (numbers[0], numbers[-1])]
        unknown = [number for number in ends if number not in there]
        if unknown:
            raise UsageError(
                f"There is no shot {unknown[0]}: {self.clip.name} has {len(found.shots)}.",
                where=self.name,
                hint=f"see: stylize shots {self.clip}",
            )
        parts = list(self._parts(found))
        return plan_parts(parts, self.out, self.settings, work_dir=self.run_dir, remote=remote)

    def _parts(self, found: ClipAnalysis) -> Iterator[tuple[ClipAnalysis, RunSettings]]:
        """The neighbouring shots that have the same settings."""
        from stylize.jobs.analysis import ClipAnalysis

        def settings_of(numbered: tuple[int, Shot]) -> RunSettings:
            own = [settings for numbers, settings in self.per_shot if numbered[0] in numbers]
            return own[-1] if own else self.settings

        for settings, alike in itertools.groupby(enumerate(found.shots, start=1), key=settings_of):
            yield ClipAnalysis(found.clip, found.source, tuple(shot for _, shot in alike)), settings


def read_jobs(
    file: Path, flags: Mapping[str, Any] | None = None, work_dir: str | None = None
) -> list[JobEntry]:
    """Reads a list of jobs, all of it, so that a slip of the pen in the last one is found before the first begins.

    Args:
        file: the list.
        flags: settings from the command line, which come before all others.
        work_dir: where the jobs' run folders lie; by default `<list>.stylize` beside the list.

    Raises:
        UsageError: it is missing, is no TOML, or asks for what cannot be meant.
    """
    table = _read_table(file)
    home = place(work_dir) if work_dir else file.with_name(f"{file.stem}.stylize")
    shared = table.get("all", {})
    if not isinstance(shared, dict):
        raise UsageError("[all] is a table of settings.", where=file, hint=HINT)
    entries: list[JobEntry] = []
    for number, row in enumerate(table["job"], start=1):
        where = f"{file}, job {number}"
        try:
            entries.append(_read_entry({**shared, **row}, file.parent, home, dict(flags or {})))
        except UsageError as error:
            raise UsageError(error.what, where=f"{where}: {error.where}" if error.where else where,
                             hint=error.hint) from error  # fmt: skip
    outputs = [output for entry in entries for output in {str(entry.out), *_foreground(entry)}]
    for what, values in (("name", [e.name for e in entries]), ("output", outputs)):
        twice = {value for value in values if values.count(value) > 1}
        if twice:
            raise UsageError(
                f"Two jobs have the same {what}, {min(twice)}.",
                where=file,
                hint="give each its own: name, out",
            )
    return entries


def _foreground(entry: JobEntry) -> list[str]:
    """The job's second film, if it has one."""
    return [str(entry.settings.foreground)] if entry.settings.foreground else []


def _read_table(file: Path) -> dict[str, Any]:
    try:
        table = read_toml(file)
    except DocumentError as error:
        raise UsageError(f"The list of jobs {error}.", where=file, hint=HINT) from error
    strange = sorted(table.keys() - {"all", "job"})
    rows = table.get("job")
    if strange or not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        what = f"holds {strange[0]!r}, which no list has" if strange else "holds no [[job]]"
        raise UsageError(f"The list of jobs {what}.", where=file, hint=HINT)
    return table


def _read_entry(row: dict[str, Any], folder: Path, home: Place, flags: dict[str, Any]) -> JobEntry:
    own: dict[str, Any] = {key: row.pop(key) for key in ("clip", "out", "name", "shot") if key in row}
    _check_kinds(own)
    if not isinstance(own.get("clip"), str):
        raise UsageError("The job names no clip.", hint=HINT)
    clip = folder / own["clip"]
    settings = settings_of(_rooted(row, folder), None, flags)
    out = folder / own["out"] if "out" in own else folder / default_output(clip, settings)
    name = str(own.get("name", bare_name(out)))
    if not re.fullmatch(r"[\w .+-]+", name) or name.startswith("."):
        raise UsageError(f"The name {name!r} cannot be a folder's.", hint="letters, digits, spaces, . + - _")
    per_shot: list[tuple[range, RunSettings]] = []
    for given in own.get("shot", []):
        table = dict(given)
        numbers = _shot_numbers(table.pop("shots", None))
        whole = sorted(table.keys() & set(OF_THE_FILM))
        if whole:
            raise UsageError(f"{whole[0]!r} belongs to the whole film.", hint="set it in [[job]]")
        theirs = settings_of(_rooted({**row, **table}, folder), None, flags)
        per_shot += [(each, theirs) for each in numbers]
    return JobEntry(name, clip, out, home / name, settings, tuple(per_shot))


def _check_kinds(own: dict[str, Any]) -> None:
    """Refuses what is not of the kind that it should be: names are text, shots are tables."""
    for key in ("clip", "out", "name"):
        if not isinstance(own.get(key, ""), str) or "\0" in own.get(key, ""):
            raise UsageError(f"{key} must be text, not {own[key]!r}.", hint=HINT)
    shots = own.get("shot", [])
    if not isinstance(shots, list) or not all(isinstance(table, dict) for table in shots):
        raise UsageError("The shots of a job are tables: [[job.shot]].", hint=HINT)


def _shot_numbers(text: object) -> list[range]:
    """The numbers that `2-3,5` names, as ranges: nobody knows yet how many shots there are."""
    if isinstance(text, int):
        return [range(text, text + 1)]
    ranges: list[range] = []
    for word in str(text or "").split(","):
        first, dash, last = word.partition("-")
        start, end = read_count(first), read_count(last if dash else first)
        if start is None or end is None or end < start:
            quoted = repr(text) if text is None else repr(shortened(str(text)))
            raise UsageError(f"The shots {quoted} cannot be read.", hint='write shots = "2" or "2-3,5"')
        ranges.append(range(start, end + 1))
    return ranges


def _rooted(row: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The settings of a table, their paths from the list's folder.

    Raises:
        UsageError: a list of paths holds something else.
    """
    from stylize.config.packs.find import is_style_path
    from stylize.generators.enlarging import EDGES, NET

    rooted = dict(row)
    for key in PATHS:
        if isinstance(row.get(key), str):
            rooted[key] = folder / row[key]
    for key in ("styles_dirs", "embeddings", "references"):
        if isinstance(row.get(key), list):
            strange = [each for each in row[key] if not isinstance(each, str)]
            if strange:
                raise UsageError(f"{key} is a list of paths, and {strange[0]!r} is none.", hint=HINT)
            rooted[key] = [folder / each for each in row[key]]
    for key in ("model", "vae", "key_model", "enlarge"):
        if isinstance(row.get(key), str) and (folder / row[key]).exists():
            rooted[key] = str(folder / row[key])
    if row.get("enlarge") in (EDGES, NET):
        rooted["enlarge"] = row["enlarge"]
    if isinstance(row.get("style"), str) and is_style_path(row["style"], folder):
        rooted["style"] = str(folder / row["style"])
    for key, path in (("loras", "file"), ("controls", "model")):
        if isinstance(row.get(key), list):
            rooted[key] = [_rooted_table(each, path, folder) for each in row[key]]
    return rooted


def _rooted_table(table: Any, key: str, folder: Path) -> Any:
    if isinstance(table, dict) and isinstance(table.get(key), str) and (folder / table[key]).exists():
        return {**table, key: str(folder / table[key])}
    return table
