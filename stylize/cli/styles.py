"""`stylize styles`: style packs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stylize.cli.command import Commands
from stylize.cli.run_options import settings_options
from stylize.cli.terminal import Terminal
from stylize.config.settings import RunSettings
from stylize.errors import UsageError

if TYPE_CHECKING:
    from stylize.config.packs.pack import StylePack

Name = Annotated[
    str,
    typer.Argument(metavar="NAME", help="a style's name or path; several stack: ink+night:0.5"),
]
Folders = Annotated[RunSettings, settings_options("styles_dirs")]


def list_all(
    terminal: Terminal,
    settings: Folders,
) -> None:
    """List every style: the bundled ones and those in the folders of your settings."""
    from rich.table import Table
    from rich.text import Text

    from stylize.config.packs.find import list_styles

    packs = list_styles(settings.styles_dirs)
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


def show(
    terminal: Terminal,
    name: Name,
    settings: Folders,
    card: Annotated[
        Path | None,
        typer.Option("--card", metavar="PAGE.html", help="write a page of what it makes of frames"),
    ] = None,
    on: Annotated[
        list[str] | None,
        typer.Option("--on", metavar="CLIP[@TIME]", help="draw this frame, or this photograph, on the card"),
    ] = None,
    overwrite: Annotated[bool, typer.Option("-y", "--overwrite", help="replace the page")] = False,
) -> None:
    """Show everything that a style says, and where it is; with --card, also what it makes of frames."""
    from rich.table import Table
    from rich.text import Text

    from stylize.config.packs.find import find_style

    pack = find_style(name, settings.styles_dirs)
    record = as_record(pack)
    rows = [row for key, value in record.items() for row in _lines(key, value)]
    if card is not None:
        asked = settings.model_copy(update={"style": name})
        _write_card(pack, on or [], rows, asked, card, overwrite=overwrite)
        terminal.answer({"event": "card", "path": str(card)}, str(card))
        return
    if on:
        raise UsageError(
            "--on draws a frame on a card, and no card is asked for.", hint="add --card PAGE.html"
        )
    if terminal.as_json:
        terminal.emit(record)
        return
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(no_wrap=True, style="bold")
    table.add_column(overflow="fold")
    for title, text in rows:
        table.add_row(title, Text(text))
    terminal.table(table)


def _write_card(
    pack: StylePack,
    frames: Sequence[str],
    rows: list[tuple[str, str]],
    settings: RunSettings,
    card: Path,
    *,
    overwrite: bool,
) -> None:
    from stylize.cli.overwriting import refuse_existing
    from stylize.footage.outputs import check_outputs
    from stylize.report.style_card import CardMoment, write_style_card

    if card.suffix.lower() not in (".html", ".htm"):
        raise UsageError("A card is a page.", where=card, hint="give --card a name that ends in .html")
    moments = []
    for frame in frames:
        clip, _, time = (
            frame.rpartition("@") if "@" in frame and not Path(frame).exists() else (frame, "", "0f")
        )
        moments.append(CardMoment(Path(clip), time))
    check_outputs([card], [moment.clip for moment in moments])
    if not overwrite:
        refuse_existing(card)
    write_style_card(pack, moments, settings, rows, card)


def install(
    terminal: Terminal,
    pack: Annotated[Path, typer.Argument(metavar="PACK", help="a folder or .zip with a style.toml in it")],
    name: Annotated[
        str | None, typer.Option("--name", help="what to call it; by default as the folder or file is")
    ] = None,
    overwrite: Annotated[bool, typer.Option("-y", "--overwrite", help="replace the installed style")] = False,
) -> None:
    """Install a style pack, once all that is in it is checked."""
    from stylize.config.packs.install import install_pack

    installed = install_pack(pack, name, overwrite)
    style = installed.style
    terminal.answer(
        as_record(installed),
        f"{installed.name}: {style.title}, licence {style.licence or 'not stated'}, {installed.folder}",
    )


def remove(
    terminal: Terminal,
    name: Annotated[str, typer.Argument(metavar="NAME", help="an installed style's name")],
) -> None:
    """Remove an installed style; those that come with the program stay."""
    from stylize.config.packs.install import remove_pack

    place = remove_pack(name)
    terminal.answer({"name": name, "folder": str(place)}, f"removed {place}")


def fuse(
    terminal: Terminal,
    name: Name,
    out: Annotated[
        Path, typer.Option("-o", "--out", "--output", metavar="FOLDER", help="the new checkpoint's folder")
    ],
    settings: Folders,
) -> None:
    """Write a checkpoint with a style's LoRAs merged into it, for tools that take no LoRA, and for devices."""
    from stylize.config.packs.find import find_style
    from stylize.diffusion.fuse import write_fused

    size = write_fused(find_style(name, settings.styles_dirs), out)
    text = f"{out}: {size / 1e6:.1f} MB of weights; draw with it: --model {out} --lora none"
    terminal.answer({"event": "fused", "folder": str(out), "bytes": size}, text)


def as_record(pack: StylePack) -> dict[str, Any]:
    """A pack as JSON: its name, its folder, and every field of its style."""
    return {
        "name": pack.name,
        "folder": str(pack.folder),
        **pack.style.model_dump(mode="json"),
        "lora_files": list(pack.lora_files),
    }


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


app = Commands("Style packs: list, show, install and remove them.")
app.add("list", list_all)
app.add("show", show)
app.add("install", install)
app.add("remove", remove)
app.add("fuse", fuse)
