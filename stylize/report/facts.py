"""What a film was made with, as rows of words: settings, versions, licences, fingerprints."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from stylize.config.packs.pack import STYLE_FILE, read_pack
from stylize.config.style import UNSTATED
from stylize.errors import UsageError
from stylize.jobs.job import RenderJob
from stylize.jobs.manifest.versions import versions
from stylize.jobs.specs import DrawingSpec, PlateCompSpec, SteadyingSpec

Rows = list[tuple[str, str]]

_FRONT_MATTER = re.compile(r"\A---\s*\n(?:.*\n)*?license:[ \t]*['\"]?([^'\"\n]+)")
_TABLE_ROW = re.compile(r"^\|\s*Licen[cs]e\s*\|\s*([^|\n]+?)\s*\|", re.MULTILINE)


def settings_of(job: RenderJob) -> list[tuple[str, Rows]]:
    """For every segment, the frames that it covers and what decided their pictures."""
    found = []
    for segment in job.segments:
        spec = segment.spec
        rows: Rows = []
        if isinstance(spec, DrawingSpec):
            rows = _spelled(spec.config.model_dump(mode="json", exclude={"terms"}))
            rows.append(("drawn at", "x".join(map(str, spec.working_size))))
        elif isinstance(spec, SteadyingSpec):
            rows = [("deflicker", f"{spec.strength:g}"), ("repair", spec.repair)]
            rows.append(("frames of", str(spec.stylized.clip.path)))
        if isinstance(spec, DrawingSpec | PlateCompSpec) and spec.scene is not None:
            rows.append(("scene", str(spec.scene)))
        rows.append(("frames kept in", f"{segment.depth} bits" if segment.depth != "half" else "half floats"))
        found.append((f"frames {segment.span.start} to {segment.span.stop - 1}", rows))
    return found


def versions_used() -> Rows:
    """The versions of the program and of the packages that decide pixels."""
    return list(versions().items())


def fingerprints_of(job: RenderJob) -> Rows:
    """What stands for the source and for all that each pass depends on."""
    rows: Rows = []
    for segment in job.segments:
        where = f" ({segment.span.start} to {segment.span.stop - 1})" if len(job.segments) > 1 else ""
        rows.append((f"source{where}", segment.source))
        rows += [(f"{name}{where}", each) for name, each in segment.fingerprints.items()]
    return rows


def licences_of(job: RenderJob) -> Rows:
    """The licences of the styles and the weights that drew, as they state them."""
    rows: dict[str, str] = {}
    for segment in job.segments:
        if not isinstance(segment.spec, DrawingSpec):
            continue
        config, own = segment.spec.config, segment.spec.key_model
        rows[f"style {config.style}"] = config.terms or UNSTATED
        if own is not None:
            name = own.config.checkpoint
            rows[f"checkpoint {Path(name).name}"] = read_licence(Path(name))
        rows[f"checkpoint {Path(config.checkpoint).name}"] = read_licence(Path(config.checkpoint))
        for lora in config.loras:
            rows[f"LoRA {Path(lora.file).name}"] = read_licence(Path(lora.file).parent)
        for kind in ("transformer", "ip_adapter", "vae"):
            name = getattr(config, kind)
            if name is not None:
                rows[f"{kind.replace('_', '-')} {Path(name).name}"] = read_licence(Path(name).parent)
        for control in config.controls:
            if control.model is not None:
                rows[f"ControlNet {Path(control.model).name}"] = read_licence(Path(control.model))
    return list(rows.items())


def read_licence(folder: Path) -> str:
    """The licence that a folder of weights states, by its README or its style file."""
    if (folder / STYLE_FILE).is_file():
        return _terms_of(folder / STYLE_FILE)
    readme = folder / "README.md"
    if readme.is_file():
        text = readme.read_text(encoding="utf-8", errors="replace")
        found = _FRONT_MATTER.search(text) or _TABLE_ROW.search(text)
        if found:
            return found[1].strip()
    return UNSTATED


def _terms_of(file: Path) -> str:
    try:
        return read_pack(file).style.terms
    except UsageError:  # the LoRA beside it drew all the same
        return UNSTATED


def _spelled(table: dict[str, Any]) -> Rows:
    return [
        (name.replace("_", " "), spell(value))
        for name, value in table.items()
        if value not in (None, "", [], {})
    ]


def spell(value: Any) -> str:
    """A value of a settings table in words."""
    if isinstance(value, dict):
        return ", ".join(f"{key} {spell(each)}" for key, each in value.items() if each is not None)
    if isinstance(value, list | tuple):
        return "; ".join(spell(each) for each in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)
