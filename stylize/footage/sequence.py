"""Numbered image sequences: `plates/shot.%06d.png`, `plates/shot.####.png`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stylize.errors import FootageError, UsageError

if TYPE_CHECKING:
    from stylize.footage.clip import Clip

_FIELD = re.compile(r"%0?(\d*)d|#+(?![#\d])")
"""Where a number stands: `%06d` or `######`. A `#` before a digit is a name's own: `Take #3`."""


@dataclass(frozen=True)
class Pattern:
    """A sequence's name: the folder, what stands before and after the number, and the number's digits."""

    folder: Path
    before: str
    digits: int
    after: str

    @classmethod
    def parse(cls, path: Path) -> Pattern | None:
        """The pattern that a path spells, or None where it has no number field in its last part.

        The number comes last in a name: what looks like a field before it is the name's own
        (`50%d off.%06d.png`).
        """
        fields = list(_FIELD.finditer(path.name))
        if not fields:
            return None
        field = fields[-1]
        digits = int(field[1] or 1) if field[0].startswith("%") else len(field[0])
        return cls(path.parent, path.name[: field.start()], digits, path.name[field.end() :])

    @property
    def path(self) -> Path:
        """The pattern in its one spelling, `%06d`."""
        field = "%d" if self.digits <= 1 else f"%0{self.digits}d"
        return self.folder / f"{self.before}{field}{self.after}"

    def file(self, number: int) -> Path:
        return self.folder / f"{self.before}{number:0{self.digits}d}{self.after}"

    def numbers(self) -> list[int]:
        """The numbers that lie in the folder, ascending; none where there is no such folder."""
        name = re.compile(rf"{re.escape(self.before)}(\d{{{self.digits},}}){re.escape(self.after)}", re.ASCII)
        if not self.folder.is_dir():
            return []
        found = (name.fullmatch(entry.name) for entry in self.folder.iterdir())
        numbers = (int(match[1]) for match in found if match)
        return sorted(number for number in numbers if self.file(number).is_file())


def complete_numbers(pattern: Pattern) -> range:
    """The sequence's numbers, without a hole.

    Raises:
        UsageError: nothing matches the pattern.
        FootageError: numbers between the first and the last are missing; the sentence names them.
    """
    numbers = pattern.numbers()
    if not numbers:
        raise UsageError(
            "No file matches the sequence's pattern.",
            where=pattern.path,
            hint="Check the folder and the digits.",
        )
    whole = range(numbers[0], numbers[-1] + 1)
    if len(numbers) != len(whole):
        missing = sorted(set(whole) - set(numbers))
        few = ", ".join(str(number) for number in missing[:8]) + (", …" if len(missing) > 8 else "")
        raise FootageError(
            f"{len(missing)} of the sequence's {len(whole)} frames are missing: {few}.",
            where=pattern.path,
            hint="Render the missing frames, or give an unbroken sequence.",
        )
    return whole


def source_files(clip: Clip) -> list[Path]:
    """The files that hold a clip: the film, or every frame of a sequence in order."""
    count = clip.frame_count if _pattern_of(clip) is not None else 1
    return [source_file(clip, index) for index in range(count)]


def source_file(clip: Clip, index: int) -> Path:
    """The file that holds a frame of a clip: the film, or that frame's of a sequence."""
    pattern = _pattern_of(clip)
    return clip.path if pattern is None else pattern.file((clip.first_number or 0) + index)


def _pattern_of(clip: Clip) -> Pattern | None:
    return Pattern.parse(clip.path) if clip.is_sequence and clip.first_number is not None else None
