"""Paths that lie elsewhere on another machine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from typing import Any

from stylize.errors import UsageError
from stylize.system.documents import DocumentError, read_json


@dataclass(frozen=True)
class PathRule:
    """Whatever lies in the folder `source` of the machine that planned lies in `here` on this one."""

    source: str
    here: str
    windows: bool = False
    """Whether `source` is a Windows path: either slash, and case does not count."""

    def apply(self, text: str) -> str | None:
        """The path here, or None where the rule does not concern it."""
        kind: type[PurePath] = PureWindowsPath if self.windows else PurePosixPath
        source, path = kind(self.source), kind(text)
        if not path.is_relative_to(source):
            return None
        rest = path.relative_to(source).parts
        end = "\\" if "\\" in self.here and "/" not in self.here else "/"
        return end.join([self.here.rstrip("/\\") or end, *rest]).replace("//", "/") if rest else self.here


@dataclass(frozen=True)
class PathMap:
    """Rules, of which the first that concerns a path counts."""

    rules: tuple[PathRule, ...] = ()

    def apply(self, text: str) -> str:
        found = (rule.apply(text) for rule in self.rules)
        return next((path for path in found if path is not None), text)

    def on(self, record: Any) -> Any:
        """A record in which every string that is a path under a rule is rewritten."""
        if isinstance(record, str):
            return self.apply(record)
        if isinstance(record, list):
            return [self.on(each) for each in record]
        if isinstance(record, dict):
            return {key: self.on(value) for key, value in record.items()}
        return record

    def back(self, record: Any) -> Any:
        """The other way round: from paths here to those of the rules' sources."""
        return PathMap(tuple(PathRule(rule.here, rule.source) for rule in self.rules)).on(record)


def parse_rules(words: list[str], file: Path | None = None) -> PathMap:
    """Rules as `FROM=TO`, and those of a file in Open Job Description's form (`pathmapping-1.0`).

    Raises:
        UsageError: a word or the file is of another form.
    """
    rules = []
    for word in words:
        source, equals, here = word.partition("=")
        if not (source and equals and here):
            raise UsageError(f"--map {word!r} maps nothing.", hint="write --map FROM=TO")
        rules.append(PathRule(source, here, windows="\\" in source or source[1:2] == ":"))
    if file is not None:
        rules += _read_rules(file)
    return PathMap(tuple(rules))


def _read_rules(file: Path) -> list[PathRule]:
    try:
        table = read_json(file)
        rows = table.get("path_mapping_rules", [])
        return [
            PathRule(row["source_path"], row["destination_path"], row["source_path_format"] == "WINDOWS")
            for row in rows
        ]
    except (DocumentError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(
            f"The path mapping rules cannot be read: the file {error}."
            if isinstance(error, DocumentError)
            else f"The path mapping rules cannot be read: {error}.",
            where=file,
            hint="they are JSON of the form pathmapping-1.0",
        ) from error
