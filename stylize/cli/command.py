"""Commands as functions of few parameters, whose options are put together from parts.

A parameter of a command function is one of:

- an argument or option of its own: `out: Annotated[Path, typer.Option(...)] = None`;
- a dataclass whose fields are such arguments and options: the function gets an instance;
- `Annotated[Model, ModelOptions(...)]`: options that are built from the fields of a pydantic model;
- `terminal: Terminal`: the options that every command has, and the terminal that they configure.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from pathlib import Path
from typing import Annotated, Any, Protocol, get_args, get_origin, get_type_hints

import typer
from typer.core import TyperCommand, TyperGroup, TyperOption

from stylize.cli.outputs import check_given
from stylize.cli.terminal import Terminal

TERMINAL = "Terminal"
CONTEXT = "context"


class OptionGroup(Protocol):
    """Options that are given to a command function as one value."""

    def parameters(self) -> Sequence[inspect.Parameter]:
        """The options, as parameters that Typer can read."""

    def value_of(self, given: Mapping[str, Any]) -> Any:
        """The value, from what the command line gives for the options, by name."""


def option(name: str, annotation: Any, default: Any = None) -> inspect.Parameter:
    """A parameter that Typer reads: its annotation says how it is written on the command line."""
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _shown(*names: str, help: str, count: bool = False, metavar: str | None = None) -> Any:
    return typer.Option(
        *names, help=help, count=count, metavar=metavar, rich_help_panel=TERMINAL, show_default=False
    )


@dataclass(frozen=True)
class TerminalOptions:
    """How much a command writes, and in which form."""

    # `main` looks for --json and --debug before Typer does, so that errors in the words of a command obey them too.
    json: Annotated[bool, _shown("--json", help="one JSON object a line on stdout, for a program")] = False
    quiet: Annotated[bool, _shown("-q", "--quiet", help="write nothing but errors")] = False
    verbose: Annotated[
        int, _shown("-v", "--verbose", count=True, help="write more; -vv writes everything")
    ] = 0
    no_progress: Annotated[bool, _shown("--no-progress", help="no progress bars or lines")] = False
    bell: Annotated[
        bool, _shown("--bell", help="ring and show a notification at the end, done or failed")
    ] = False
    log_file: Annotated[Path | None, _shown("--log-file", help="write a full log here", metavar="FILE")] = (
        None
    )
    debug: Annotated[bool, _shown("--debug", help="show a traceback with an error")] = False


@dataclass(frozen=True)
class RecordOptions:
    """The options of a dataclass: one for each field, as the field's annotation says."""

    record: type[Any]

    def parameters(self) -> Sequence[inspect.Parameter]:
        hints = get_type_hints(self.record, include_extras=True)
        return [option(each.name, hints[each.name], _default(each)) for each in fields(self.record)]

    def value_of(self, given: Mapping[str, Any]) -> Any:
        return self.record(**{each.name: given[each.name] for each in fields(self.record)})


def _default(field: Field[Any]) -> Any:
    return inspect.Parameter.empty if field.default is MISSING else field.default


TERMINAL_OPTIONS = RecordOptions(TerminalOptions)


def expand(function: Callable[..., None]) -> Callable[..., None]:
    """The function with each group of options replaced by the options themselves, for Typer to read."""
    groups: dict[str, OptionGroup] = {}
    own: list[str] = []
    terminals: list[str] = []
    options: list[inspect.Parameter] = []
    for name, parameter in inspect.signature(function, eval_str=True).parameters.items():
        group = _group_of(parameter.annotation)
        if parameter.annotation is Terminal:
            terminals.append(name)
        elif group is not None:
            groups[name] = group
            options += group.parameters()
        else:
            own.append(name)
            options.append(parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY))
    options += TERMINAL_OPTIONS.parameters()

    def command(**given: Any) -> None:
        terminal = given[CONTEXT].ensure_object(Terminal)
        how: TerminalOptions = TERMINAL_OPTIONS.value_of(given)
        check_given(given, terminal.words)
        terminal.configure(
            quiet=how.quiet, verbose=how.verbose, progress=not how.no_progress, log_file=how.log_file
        )
        terminal.bell = how.bell
        values = {name: given[name] for name in own} | dict.fromkeys(terminals, terminal)
        values |= {name: group.value_of(given) for name, group in groups.items()}
        function(**values)

    command.__name__, command.__doc__ = function.__name__, _unwrapped(function.__doc__ or "")
    command.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [option(CONTEXT, typer.Context, inspect.Parameter.empty), *options]
    )
    command.__annotations__ = {}
    return command


def _unwrapped(text: str) -> str:
    """Every paragraph on one line: the terminal's width decides where help is wrapped, not the source's."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n")).strip()


def _group_of(annotation: Any) -> OptionGroup | None:
    if is_dataclass(annotation) and isinstance(annotation, type):
        return RecordOptions(annotation)
    if get_origin(annotation) is Annotated:
        return next((each for each in get_args(annotation)[1:] if hasattr(each, "value_of")), None)
    return None


def _hide_types_of_flags(params: list[Any]) -> list[Any]:
    """Options that take no value are shown without the type of one."""
    for param in params:
        if isinstance(param, TyperOption) and (param.is_flag or param.count):
            param.metavar = param.metavar or ""
    return params


class Command(TyperCommand):
    """A command whose help has flags without types, and --help among the terminal's options."""

    def get_params(self, ctx: Any) -> list[Any]:
        params = _hide_types_of_flags(super().get_params(ctx))
        for param in params:
            if param.name == "help":
                param.rich_help_panel, param.help = TERMINAL, "show this help"
        return params


class CommandGroup(TyperGroup):
    """A group of commands whose help has flags without types."""

    def get_params(self, ctx: Any) -> list[Any]:
        return _hide_types_of_flags(super().get_params(ctx))


class Commands(typer.Typer):
    """Several commands under one name."""

    def __init__(self, help: str) -> None:
        super().__init__(help=help, no_args_is_help=True, cls=CommandGroup, rich_markup_mode="rich")

    def add(self, name: str, function: Callable[..., None]) -> None:
        """Adds a command: see the module's docstring for how its function is written."""
        self.command(name, cls=Command)(expand(function))


def single_command(name: str, function: Callable[..., None]) -> TyperCommand:
    """A command by itself, ready to run."""
    program = typer.Typer(add_completion=False, rich_markup_mode="rich")
    program.command(name, cls=Command)(expand(function))
    found = typer.main.get_command(program)
    assert isinstance(found, TyperCommand)
    return found
