"""`stylize models`: what is known of a model's files, and whether they are whole."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from stylize.cli.command import Commands
from stylize.cli.terminal import Terminal
from stylize.cli.units import spell_bytes

Model = Annotated[
    str,
    typer.Argument(
        metavar="MODEL", help="a bundled name, a diffusers folder, a .safetensors file or a hub id"
    ),
]


def list_all(terminal: Terminal) -> None:
    """List the checkpoints that come with the program, and the families that are drawn with."""
    from rich.table import Table
    from rich.text import Text

    from stylize.diffusion.families import ALL_FAMILIES
    from stylize.generators.model_facts import bundled_checkpoints

    bundled = [facts.as_record() for facts in bundled_checkpoints()]
    families: list[dict[str, Any]] = [
        {
            "family": family.name,
            "title": family.title,
            "short_side": family.short_side,
            "bytes": family.published_bytes,
            "licence": family.licence,
            "about": family.about,
        }
        for family in ALL_FAMILIES.values()
    ]
    if terminal.as_json:
        terminal.emit({"bundled": bundled, "families": families})
        return
    table = Table(box=None, pad_edge=False)
    for column in ("model", "drawn at", "size", "licence", "about"):
        table.add_column(column, no_wrap=column == "model")
    for record in bundled:
        about = f"comes with the program; ControlNets: {', '.join(record['controlnets']) or 'none'}"
        side, size = f"{record['short_side']} px", spell_bytes(int(record["bytes"]))
        table.add_row(*(Text(cell) for cell in (record["name"], side, size, record["licence"], about)))
    for family in families:
        side, size = f"{family['short_side']} px", spell_bytes(family["bytes"])
        cells = (family["title"], side, size, family["licence"], family["about"])
        table.add_row(*(Text(cell) for cell in cells))
    terminal.table(table)


def show(
    terminal: Terminal, model: Model, offline: Annotated[bool, typer.Option("--offline")] = False
) -> None:
    """Show what a checkpoint is: family, size, what it predicts, its ControlNets, the memory that it takes."""
    from stylize.generators.model_facts import read_facts

    record = read_facts(model, offline).as_record()
    lines = [f"{name.replace('_', ' ')}: {_spelled(name, value)}" for name, value in record.items()]
    terminal.answer(record, "\n".join(lines))


def verify(terminal: Terminal, model: Model) -> None:
    """Read all of a checkpoint's weights, and check that the files are whole and hold numbers."""
    from stylize.generators.model_facts import verify_model

    verified = verify_model(model)
    terminal.answer(
        {
            "place": verified.place,
            "files": verified.files,
            "tensors": verified.tensors,
            "sha256": verified.sha256,
        },
        f"whole: {verified.tensors} tensors in {verified.files} files, SHA-256 {verified.sha256}",
    )


def download(
    terminal: Terminal,
    model: Annotated[str, typer.Argument(metavar="MODEL", help="a hub id: owner/name")],
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="the new folder; by default the model's name, here")
    ] = None,
    variant: Annotated[
        str | None, typer.Option("--variant", help="fp16 or bf16: the smaller files, where there are some")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
) -> None:
    """Copy a model of the hub into a folder, once its size and licence are seen; every file is checked."""
    from stylize.generators.download import download as copy
    from stylize.generators.download import look_up

    found = look_up(model, variant)
    files = f"{len(found.files)} files, {spell_bytes(found.bytes)}, licence: {found.licence}"
    terminal.say(f"{found.name} at {found.revision[:12]}: {files}")
    if not yes and not typer.confirm("Download it?", err=True):
        raise typer.Exit(1)
    folder = copy(found, out or Path(model.partition("/")[2]))
    terminal.answer(
        {
            "folder": str(folder),
            "revision": found.revision,
            "files": len(found.files),
            "bytes": found.bytes,
            "licence": found.licence,
        },
        f"{folder}: {files}",
    )


def _spelled(name: str, value: object) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(str(each) for each in value) or "none"
    return spell_bytes(value) if isinstance(value, int) and name.endswith("bytes") else str(value)


app = Commands("Checkpoints: list them, show what one is, and verify its files.")
app.add("list", list_all)
app.add("show", show)
app.add("verify", verify)
app.add("download", download)
