"""A program whose commands are imported when they are called, so that its help is quick."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand

from stylize.cli.command import CommandGroup, Commands, single_command


@dataclass(frozen=True)
class LazyCommand:
    """A command, or a group of commands, by the place of its function or its `Commands`: `module:name`.

    `summary` is what the program's help says of it: the first sentence of its own.
    """

    name: str
    place: str
    summary: str

    def load(self) -> TyperCommand | CommandGroup:
        module, _, attribute = self.place.partition(":")
        found = getattr(import_module(module), attribute)
        if not isinstance(found, Commands):
            return single_command(self.name, found)
        group = typer.main.get_group(found)
        assert isinstance(group, CommandGroup)
        group.name = self.name
        return group


class LazyCommands(CommandGroup):
    """A group that knows its commands by name and summary until one is called."""

    commands_to_load: tuple[LazyCommand, ...] = ()

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        for each in self.commands_to_load:
            self.add_command(TyperCommand(each.name, help=each.summary))

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        name, command, rest = super().resolve_command(ctx, args)
        return name, command and self.load(str(command.name)), rest

    def load(self, name: str) -> TyperCommand | CommandGroup:
        """The command itself."""
        return next(each for each in self.commands_to_load if each.name == name).load()

    def load_all(self) -> Iterator[tuple[str, TyperCommand | CommandGroup]]:
        """All commands themselves, with their names."""
        return ((each.name, each.load()) for each in self.commands_to_load)
