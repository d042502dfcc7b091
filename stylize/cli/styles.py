"""`stylize styles`: the style packs at hand."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stylize.cli import options
from stylize.cli.flags import settings_from
from stylize.cli.terminal import Terminal

if TYPE_CHECKING:
    from stylize.config.style import StylePack

app = typer.Typer(help="The styles at hand, and what each of them says.", no_args_is_help=True)

Name = Annotated[
    str,
    typer.Argument(metavar="NAME", help="a style's name or path; several stack: ink+night:0.5"),
]


@app.command("list")
def list_all(
    context: typer.Context,
    styles_dir: options.StylesDirs = None,
    json: options.Json = False,
    debug: options.Debug = False,
) -> None:
    """List every style: the bundled ones and those in the folders of your settings."""
    from rich.table import Table
    from rich.text import Text

    from stylize.config.style import list_styles

    terminal = context.ensure_object(Terminal)
    terminal.configure()
    packs = list_styles(_folders(styles_dir))
    if terminal.as_json:
        terminal.emit([as_record(pack) for pack in packs])
        return
    table = Table(box=None, pad_edge=False)
    for column in ("style", "title", "checkpoint", "licence", "about"):
        table.add_column(column, no_wrap=column == "style")
    for pack in packs:
        style = pack.style
        cells = (pack.name, style.title, style.checkpoint, style.licence, style.description)
        table.add_row(*(Text(cell) for cell in cells))
    terminal.table(table)


@app.command("show")
def show(
    context: typer.Context,
    name: Name,
    styles_dir: options.StylesDirs = None,
    json: options.Json = False,
    debug: options.Debug = False,
) -> None:
    """Show everything that a style says, and where it lies."""
    from rich.table import Table
    from rich.text import Text

    from stylize.config.style import find_style

    terminal = context.ensure_object(Terminal)
    terminal.configure()
    pack = find_style(name, _folders(styles_dir))
    record = as_record(pack)
    if terminal.as_json:
        terminal.emit(record)
        return
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(no_wrap=True, style="bold")
    table.add_column(overflow="fold")
    for key, value in record.items():
        for title, text in _lines(key, value):
            table.add_row(title, Text(text))
    terminal.table(table)


@app.command("install")
def install(
    context: typer.Context,
    pack: Annotated[Path, typer.Argument(metavar="PACK", help="a folder or .zip with a style.toml in it")],
    name: Annotated[
        str | None, typer.Option("--name", help="what to call it; by default as the folder or file is")
    ] = None,
    overwrite: options.Overwrite = False,
    json: options.Json = False,
    debug: options.Debug = False,
) -> None:
    """Install a style pack, once all that is in it is checked."""
    from stylize.config.packs import install_pack

    terminal = context.ensure_object(Terminal)
    terminal.configure()
    installed = install_pack(pack, name, overwrite)
    if terminal.as_json:
        terminal.emit(as_record(installed))
        return
    style = installed.style
    terminal.result(
        f"{installed.name}: {style.title}, licence {style.licence or 'not stated'}, {installed.folder}"
    )


@app.command("remove")
def remove(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="an installed style's name")],
    json: options.Json = False,
    debug: options.Debug = False,
) -> None:
    """Remove an installed style; those that come with the program stay."""
    from stylize.config.packs import remove_pack

    terminal = context.ensure_object(Terminal)
    terminal.configure()
    place = remove_pack(name)
    if terminal.as_json:
        terminal.emit({"name": name, "folder": str(place)})
    else:
        terminal.result(f"removed {place}")


@app.command("fuse")
def fuse(
    context: typer.Context,
    name: Name,
    out: Annotated[Path, typer.Option("-o", "--out", metavar="FOLDER", help="the new checkpoint's folder")],
    styles_dir: options.StylesDirs = None,
    debug: options.Debug = False,
) -> None:
    """Write a checkpoint with a style's LoRAs worked into it, for tools that take no LoRA, and for devices."""
    from stylize.config.style import find_style
    from stylize.diffusion.fuse import write_fused

    terminal = context.ensure_object(Terminal)
    terminal.configure()
    size = write_fused(find_style(name, _folders(styles_dir)), out)
    terminal.result(f"{out}: {size / 1e6:.1f} MB of weights; draw with it: --model {out} --lora none")


def as_record(pack: StylePack) -> dict[str, Any]:
    """A pack as JSON: its name, its folder, and every field of its style."""
    return {
        "name": pack.name,
        "folder": str(pack.folder),
        **pack.style.model_dump(mode="json"),
        "lora_files": list(pack.lora_files),
    }


def _folders(given: list[Path] | None) -> tuple[Path, ...]:
    return settings_from({"styles_dir": given}).styles_dirs


def _lines(key: str, value: Any) -> list[tuple[str, str]]:
    """A field as rows of the table: a list of tables takes a row for each."""
    title = key.replace("_", " ")
    if isinstance(value, list):
        return [(title if not i else "", _words(each)) for i, each in enumerate(value)] or [(title, "none")]
    return [(title, _words(value))]


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {each}" for key, each in value.items() if each is not None)
    return "by default the checkpoint's own" if value is None else str(value)
