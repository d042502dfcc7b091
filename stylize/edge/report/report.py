"""A page that compares an export with float: frames, parts, timesteps, layers, costs."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from stylize.edge.gate import fault_of
from stylize.edge.manifest import Manifest, check_files, read_manifest, size_of
from stylize.edge.quantize.reference import open_reference
from stylize.edge.quantize.request import BuildRequest
from stylize.edge.report.compare import Comparison, compare
from stylize.events import ReportProgress
from stylize.footage.clip import Pixels

STYLE = (
    "body{font:15px/1.4 sans-serif;margin:2em;max-width:1100px}img{width:100%}"
    "td,th{padding:.15em .8em;text-align:right}td:first-child,th:first-child{text-align:left}"
)
AMPLIFIED = 10
"""How many times differences are shown."""


def make_report(
    request: BuildRequest, folder: Path, report_progress: ReportProgress, with_layers: bool = True
) -> tuple[Path, dict[str, Any]]:
    """Writes `index.html`, its pictures and `report.json` into a folder.

    Args:
        request: as the export in `request.out` was built, but for plates of any clip.
        with_layers: also quantize every layer alone, which takes minutes.

    Returns:
        The page, and what is in report.json.

    Raises:
        ModelError: there is no export, or its files are not those of its manifest.
        ValueError: the request has no plates.
    """
    plates = request.require_plates().held_out
    manifest = read_manifest(request.out)
    check_files(request.out, manifest)
    reference = open_reference(request, report_progress)
    report_progress("compare", "frames, parts, layers")
    found = compare(request, reference, manifest, with_layers)
    folder.mkdir(parents=True, exist_ok=True)
    pictures = []
    rows = zip(plates, reference.frames, found.frames.frames, strict=True)
    for number, row in enumerate(rows):
        name = f"frame{number}.png"
        _write(folder / name, _row(*row))
        pictures.append(name)
    facts = _facts(request, manifest, found)
    (folder / "report.json").write_text(json.dumps(facts, indent=1), encoding="utf-8")
    page = folder / "index.html"
    page.write_text(_page(facts, pictures), encoding="utf-8")
    return page, facts


def _facts(request: BuildRequest, manifest: Manifest, found: Comparison) -> dict[str, Any]:
    """The contents of report.json."""
    metrics = found.frames.metrics
    return {
        "target": manifest.target,
        "checkpoint": manifest.checkpoint,
        "gate": fault_of(manifest.model_copy(update={"metrics": metrics})) or "passed",
        "metrics": metrics.model_dump(),
        "cost": asdict(found.cost),
        "float_cost": asdict(found.float_cost),
        "sizes": {
            name: {"bytes": size_of(request.out, part), "float_bytes": part.float_bytes}
            for name, part in manifest.parts.items()
        },
        "parts": [asdict(each) for each in found.parts],
        "layers": [asdict(each) for each in found.layers],
        "wide_layers": list(manifest.wide_layers),
    }


def _row(plate: Pixels, exact: Pixels, drawn: Pixels) -> Pixels:
    """Source, float, export, and the amplified difference of the last two about mid-grey, side by side."""
    difference = np.clip(0.5 + AMPLIFIED * (drawn - exact), 0, 1)
    return np.concatenate([plate, exact, drawn, difference.astype(np.float32)], axis=1)


def _write(file: Path, picture: Pixels) -> None:
    levels = np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)
    cv2.imwrite(str(file), cv2.cvtColor(levels, cv2.COLOR_RGB2BGR))


def _page(facts: dict[str, Any], pictures: Sequence[str]) -> str:
    metrics = facts["metrics"]
    sizes = [
        (name, f"{each['bytes'] / 1e6:.2f} MB", _share(each["bytes"], each["float_bytes"]))
        for name, each in facts["sizes"].items()
    ]
    parts = [
        (each["part"], "" if each["timestep"] is None else f"{each['timestep']:.0f}", f"{each['sqnr']:.1f}")
        for each in facts["parts"]
    ]
    layers = [(each["name"], f"{each['sqnr']:.1f}") for each in facts["layers"][:40]]
    title = html.escape(f"{facts['checkpoint']}, {facts['target']}")
    return "\n".join(
        [
            f"<!doctype html><meta charset=utf-8><title>{title}</title><style>{STYLE}</style><h1>{title}</h1>",
            f"<p>Gate: {html.escape(facts['gate'])}.</p>",
            _table(
                ("one frame", "seconds", "memory of its process"),
                [_costs("this export", facts["cost"]), _costs("torch, fp32", facts["float_cost"])],
            ),
            _table(("measure", "value"), [(name, str(value)) for name, value in metrics.items()]),
            f"<p>Source, float, export, and their difference times {AMPLIFIED}:</p>",
            *(f'<p><img src="{name}"></p>' for name in pictures),
            "<h2>Parts, signal to noise compared with float</h2>",
            _table(("part", "timestep", "dB"), parts),
            "<h2>Sizes</h2>",
            _table(("part", "size", "of fp32"), sizes),
            "<h2>Layers of the UNet that bring the most noise, each quantized alone</h2>" if layers else "",
            _table(("layer", "dB"), layers) if layers else "",
            f"<p>Kept wide: {html.escape(', '.join(facts['wide_layers']) or 'none')}</p>",
        ]
    )


def _costs(name: str, cost: dict[str, float]) -> tuple[str, str, str]:
    return name, f"{cost['seconds']:.2f}", f"{cost['peak'] / 1e6:.0f} MB"


def _share(size: int, float_size: int) -> str:
    return f"{size / float_size:.3f}" if float_size else ""


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    def line(tag: str, cells: Sequence[str]) -> str:
        return "<tr>" + "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in cells) + "</tr>"

    return "<table>" + line("th", head) + "".join(line("td", row) for row in rows) + "</table>"
