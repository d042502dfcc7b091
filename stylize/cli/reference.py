"""The command line's reference as Markdown: python -m stylize.cli.reference > docs/cli.md"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import typer
from typer.core import TyperArgument, TyperGroup, TyperOption

from stylize.cli.app import COMMANDS, app
from stylize.cli.command import TERMINAL

Row = tuple[str, str]
"""An argument or option as it is written, and what it does."""

HEAD = """# Command line

Written by `python -m stylize.cli.reference > docs/cli.md`, from the same models as the program's own help.

Settings of a run are taken from the first of these that has them: the option, the variable `STYLIZE_NAME`, the file
`stylize.toml` in the current folder, the user's own `stylize.toml`, the style, the checkpoint. A default below is
what counts where none of them has it.
"""


def reference() -> str:
    """The whole reference."""
    root: Any = typer.main.get_command(app)
    with typer.Context(root, info_name="stylize") as context:
        commands = {each.name: each.load() for each in COMMANDS}
        listing = [f"- [`stylize {each.name}`](#stylize-{each.name}): {each.summary}" for each in COMMANDS]
        everywhere = _panels(commands["run"], context)[TERMINAL]
        described = [_describe(command, context, name) for name, command in commands.items()]
    return "\n".join(
        [HEAD, *listing, "", "## Every command", "", *_table("option", everywhere), "", *described]
    )


def _describe(command: Any, parent: Any, name: str) -> str:
    with typer.Context(command, info_name=name, parent=parent) as context:
        parts = list(_command(command, context))
        if isinstance(command, TyperGroup):
            parts += [_describe(each, context, inner) for inner, each in command.commands.items()]
        return "\n".join(parts)


def _command(command: Any, context: Any) -> Iterator[str]:
    depth = len(context.command_path.split())
    yield from (f"{'#' * depth} {context.command_path}", "", command.help or "", "")
    if isinstance(command, TyperGroup):
        return
    yield from (f"`{' '.join([context.command_path, *command.collect_usage_pieces(context)])}`", "")
    arguments = [_row(param, context) for param in command.params if isinstance(param, TyperArgument)]
    if arguments:
        yield from (*_table("argument", arguments), "")
    for panel, rows in _panels(command, context).items():
        if panel != TERMINAL:
            yield from (*_table(panel.lower() or "option", rows), "")


def _panels(command: Any, context: Any) -> dict[str, list[Row]]:
    """A command's options under the headings of its help, in their order there."""
    panels: dict[str, list[Row]] = {}
    for param in command.params:
        if isinstance(param, TyperOption) and not param.hidden:
            panels.setdefault(param.rich_help_panel or "", []).append(_row(param, context))
    return panels


def _row(param: Any, context: Any) -> Row:
    if isinstance(param, TyperArgument):
        return f"`{param.display_name_raw}`", param.help or ""
    flags = sorted(param.opts, key=len, reverse=True) + param.secondary_opts
    takes_value = not (param.is_flag or param.count)
    value = f" {param.display_type_rich(context)}" if takes_value else ""
    words = [param.help or ""]
    if param.required:
        words.append("required")
    elif param.show_default and param.default not in (None, False, ""):
        words.append(f"default: {param.default}")
    return ", ".join(f"`{flag}`" for flag in flags) + (f" `{value.strip()}`" if value else ""), "; ".join(
        words
    )


def _table(title: str, rows: list[Row]) -> Iterator[str]:
    yield f"| {title} | |"
    yield "|-|-|"
    for name, words in rows:
        yield f"| {_cell(name)} | {_cell(words)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(reference())
