"""A folder of photographs, or those that a pattern names, as a list of jobs: one for each."""

from __future__ import annotations

import fnmatch
import glob
from collections import Counter
from pathlib import Path

from stylize.config.settings import RunSettings
from stylize.errors import UsageError
from stylize.footage.outputs import real_path
from stylize.footage.photograph import SUFFIXES, is_named_as_photograph
from stylize.jobs.batch import JobEntry
from stylize.storage.place import Place


def names_photographs(source: Path) -> bool:
    """Whether a path is a folder, or a pattern with `*`, `?` or `[...]` that no file bears as its name."""
    return source.is_dir() or (not source.exists() and glob.has_magic(str(source)))


def find_photographs(source: Path) -> list[Path]:
    """The photographs of a folder, or those that a pattern names, by name; hidden ones are left out.

    Raises:
        UsageError: there are none.
    """
    found = list(source.iterdir()) if source.is_dir() else [Path(each) for each in glob.glob(str(source))]  # noqa: PTH207
    files = sorted(each for each in found if is_named_as_photograph(each) and each.is_file())
    shown = [each for each in files if not each.name.startswith(".")]
    if not shown:
        raise UsageError(
            "There is no photograph here.", where=source, hint=f"their names end in {', '.join(SUFFIXES)}"
        )
    return shown


def photograph_jobs(
    source: Path, out: Path, style: str, settings: RunSettings, work_dir: Place
) -> list[JobEntry]:
    """A job for each photograph: `photo.jpg` becomes `OUT/photo.STYLE.png`.

    Two that differ in nothing but their suffix keep it in the new name.

    Args:
        out: the folder that the drawings go to.
        work_dir: where the jobs' run folders lie.

    Raises:
        UsageError: there are no photographs, the output is no folder, or two would give one drawing.
    """
    if out.exists() and not out.is_dir():
        raise UsageError(
            "Several photographs go to a folder, and this is none.", where=out, hint="name a folder"
        )
    files = find_photographs(source)
    alike = Counter(file.stem for file in files)
    entries: list[JobEntry] = []
    suffix = ".exr" if settings.format == "exr" else ".png"
    for file in files:
        name = file.stem if alike[file.stem] == 1 else file.name
        drawing = out / f"{name}.{style}{suffix}"
        if _would_be_drawn(drawing, source):
            raise UsageError(
                "The drawings would lie among the photographs, and be drawn in turn by the next run.",
                where=out,
                hint="name another folder with -o",
            )
        same = next((entry for entry in entries if entry.out == drawing), None)
        if same is not None:
            raise UsageError(
                f"{same.clip.name} and {file.name} would both become {drawing.name}.",
                where=source,
                hint="rename one of them",
            )
        entries.append(JobEntry(file.name, file, drawing, work_dir / file.name, settings))
    return entries


def _would_be_drawn(drawing: Path, source: Path) -> bool:
    """Whether a drawing would be one of the photographs that a folder or a pattern names."""
    home = source if source.is_dir() else source.parent
    if not is_named_as_photograph(drawing) or real_path(drawing.parent) != real_path(home):
        return False
    return source.is_dir() or fnmatch.fnmatch(drawing.name, source.name)
