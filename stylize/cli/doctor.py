"""`stylize doctor`: what this machine can do, and what to install for the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from stylize.cli.terminal import Terminal
from stylize.cli.units import spell_bytes

if TYPE_CHECKING:
    from stylize.cli.health import Health, Verdict
    from stylize.system.machine import Capacity


def doctor(terminal: Terminal) -> None:
    """Check this machine: exit code 0 if a clip can be drawn here, else 1."""
    from stylize.cli.as_json import as_json
    from stylize.cli.health import examine

    health = examine()
    if terminal.as_json:
        terminal.emit({**as_json(health), "is_able": health.is_able})
    else:
        _show(health, terminal)
    if not health.is_able:
        raise typer.Exit(1)


def _show(health: Health, terminal: Terminal) -> None:
    from rich.table import Table
    from rich.text import Text

    facts = Table(box=None, show_header=False, pad_edge=False)
    facts.add_column(no_wrap=True, style="bold")
    facts.add_column(overflow="fold")
    for name, words in _facts(health):
        facts.add_row(name, Text(words))
    terminal.table(facts)
    terminal.result("")
    verdicts = Table(box=None, show_header=False, pad_edge=False)
    verdicts.add_column(no_wrap=True)
    verdicts.add_column(no_wrap=True, style="bold")
    verdicts.add_column(overflow="fold")
    for verdict in health.verdicts:
        mark = Text("ok", style="green") if verdict.is_fine else Text("missing", style="red")
        verdicts.add_row(mark, Text(verdict.feature), Text(_words(verdict)))
    terminal.table(verdicts)
    for warning in health.warnings:
        terminal.result(f"\nwarning: {warning}")
    terminal.result(f"\n{_conclusion(health)}")


def _conclusion(health: Health) -> str:
    if health.is_able:
        return "A clip can be drawn here: stylize run CLIP"
    fine = {verdict.feature for verdict in health.verdicts if verdict.is_fine}
    if {"films", "edge engines"} <= fine:
        return "Clips can be drawn here from exports alone: stylize run CLIP --runtime edge --model EXPORT"
    return "No clip can be drawn here until what is missing above is installed or repaired."


def _words(verdict: Verdict) -> str:
    return f"{verdict.words}. To mend it: {verdict.fix}" if verdict.fix else verdict.words


def _facts(health: Health) -> list[tuple[str, str]]:
    cpu, network = health.processor, health.network
    rows = [
        ("stylize", health.version),
        ("python", f"{health.python}, {health.executable}"),
        ("system", health.system),
        (
            "processor",
            f"{cpu.name}, {cpu.cores} cores" + (f": {' '.join(cpu.features)}" * bool(cpu.features)),
        ),
        ("memory", _capacity(health.memory) if health.memory else "not known without the package psutil"),
        ("disk here", _capacity(health.disk)),
        ("torch", f"{health.torch.version}: {', '.join(health.torch.devices)}" if health.torch else "none"),
        ("ffmpeg", f"{health.ffmpeg.version}, {health.ffmpeg.program}" if health.ffmpeg else "none"),
        ("opencv", ", ".join(health.opencv) or "none"),
    ]
    for each in health.checkpoints:
        rows.append((f"checkpoint {each.name}", f"{spell_bytes(each.size)}, sha256 {each.sha256}"))
    state = "switched off by HF_HUB_OFFLINE" if network.offline else network.policy
    rows.append(("network", f"{state}; the hub's cache is {network.cache}"))
    return rows


def _capacity(room: Capacity) -> str:
    return f"{spell_bytes(room.free)} free of {spell_bytes(room.total)}"
