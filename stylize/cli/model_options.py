"""Command-line options from the fields of a pydantic model."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType, NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

import typer

from stylize.cli.command import option
from stylize.config.old_names import warn_renamed

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic.fields import FieldInfo

OLD = "_formerly"


@dataclass(frozen=True)
class Spelling:
    """How a field is written on the command line, where its name and its type do not say it.

    Attributes:
        flag: in place of the field's name, with dashes.
        metavar: what stands for the value in the help.
        old: former flags of the field, which still work.
        takes: the type that Typer reads, in place of the field's.
        default: this command's own, in place of the model's.
        read: turns the value, or the list of words, into the field's value.
        more: added to the field's description.
    """

    flag: str | None = None
    metavar: str | None = None
    old: tuple[str, ...] = ()
    takes: Any = None
    default: Any = None
    read: Callable[[Any], Any] | None = None
    more: str = ""


NO_SPELLINGS: Mapping[str, Spelling] = MappingProxyType({})


@dataclass(frozen=True)
class ModelOptions:
    """Options for fields of a model: their types, bounds, choices, defaults and help come from the model.

    An option that is not given is None, or left out: whoever builds the value decides what counts then.

    Attributes:
        model: a pydantic model.
        panels: the fields to show under each heading of the help; "" for no heading.
        build: makes the command's value of the fields that are given.
        spellings: of fields by name.
    """

    model: type[BaseModel]
    panels: Mapping[str, Sequence[str]]
    build: Callable[..., Any]
    spellings: Mapping[str, Spelling] = field(default_factory=lambda: NO_SPELLINGS)

    def parameters(self) -> Sequence[inspect.Parameter]:
        found: list[inspect.Parameter] = []
        for panel, names in self.panels.items():
            for name in names:
                info, spelling = self.model.model_fields[name], self._spelling(name)
                kind = _kind_of_word(info.annotation, spelling)
                shown = typer.Option(
                    _declaration(name, kind, spelling),
                    help=_help(info, kind, spelling),
                    metavar=spelling.metavar or _bounds(info),
                    rich_help_panel=panel or None,
                    show_default=False,
                )
                found.append(option(name, Annotated[kind | None, shown]))
                for number, old in enumerate(spelling.old):
                    hidden = typer.Option(old, hidden=True)
                    found.append(option(f"{name}{OLD}{number}", Annotated[kind | None, hidden]))
        return found

    def value_of(self, given: Mapping[str, Any]) -> Any:
        return self.build(**self.given(given))

    def given(self, words: Mapping[str, Any]) -> dict[str, Any]:
        """The fields that a command line gives, by name; a list that is not given arrives empty."""
        fields: dict[str, Any] = {}
        for name in (name for names in self.panels.values() for name in names):
            spelling, value = self._spelling(name), words[name]
            for number, old in enumerate(spelling.old):
                formerly = words[f"{name}{OLD}{number}"]
                if formerly is not None:
                    warn_renamed(old, _flag(name, spelling))
                    value = formerly if value is None else value
            if value is not None and value != []:
                fields[name] = spelling.read(value) if spelling.read else value
            elif spelling.default is not None:
                fields[name] = spelling.default
        return fields

    def _spelling(self, name: str) -> Spelling:
        return self.spellings.get(name, Spelling())


def _flag(name: str, spelling: Spelling) -> str:
    return spelling.flag or f"--{name.replace('_', '-')}"


def _declaration(name: str, kind: Any, spelling: Spelling) -> str:
    flag = _flag(name, spelling)
    return f"{flag}/--no-{flag.removeprefix('--')}" if kind is bool else flag


def _kind_of_word(annotation: Any, spelling: Spelling) -> Any:
    """The type that Typer reads for a field: a list where the option may be repeated."""
    if spelling.takes is not None:
        return spelling.takes
    if get_origin(annotation) in (Union, UnionType):
        kinds = [each for each in get_args(annotation) if each is not NoneType]
        annotation = kinds[0]
    if get_origin(annotation) is tuple:
        return list[get_args(annotation)[0]]  # type: ignore[misc]
    if (
        get_origin(annotation) is Literal
        or annotation in (bool, int, float, str)
        or isinstance(annotation, type)
    ):
        return annotation
    raise TypeError(f"A command line cannot hold a {annotation}.")


def _bounds(info: FieldInfo) -> str | None:
    """`<0..1>` for a number that has a lower and an upper bound."""
    found = {
        end: getattr(each, key)
        for each in info.metadata
        for key, end in (("ge", "low"), ("gt", "low"), ("le", "high"))
        if hasattr(each, key)
    }
    return f"<{found['low']:g}..{found['high']:g}>" if len(found) == 2 else None


def _help(info: FieldInfo, kind: Any, spelling: Spelling) -> str:
    words = (info.description or "") + spelling.more
    if get_origin(kind) is list:
        words += " (repeatable)"
    default = info.get_default() if spelling.default is None else spelling.default
    return words + ("" if info.is_required() else _spell_default(default))


def _spell_default(value: Any) -> str:
    """The default, where there is one that a command line can say."""
    if value is None or value is False or value in ("", ()):
        return ""
    if isinstance(value, tuple):
        return f"; default: {', '.join(map(str, value))}"
    if not isinstance(value, bool | int | float | str):
        return ""
    return (
        "; default: yes"
        if value is True
        else f"; default: {f'{value:g}' if isinstance(value, float) else value}"
    )
