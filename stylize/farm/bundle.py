"""Exports as files: a template alone, or a Deadline Cloud job bundle around it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

import stylize
from stylize.errors import UsageError
from stylize.farm.openjd import Export, template
from stylize.footage import source_files
from stylize.jobs.job import Job
from stylize.storage.atomic import atomic_write

Format = Literal["openjd", "deadline-bundle"]


def write_export(job: Job, name: str, folder: Path, form: Format, export: Export, overwrite: bool) -> Path:
    """Writes a job for a studio's farm: the bundle folder `<folder>/<name>`, or `<folder>/<name>.template.json`
    with its parameters in a file beside it, for a template cannot hold an absolute path.

    Raises:
        UsageError: it exists. OutputError: the folder cannot be written.
    """
    text = _json(template(job, export))
    out = folder / f"{name}.template.json" if form == "openjd" else folder / name
    if out.exists() and not overwrite:
        raise UsageError(
            "This export exists.", where=out, hint="add -y to replace it, or choose another with -o"
        )
    if form == "openjd":
        atomic_write(out, text)
        atomic_write(folder / f"{name}.parameters.json", _json({"RunDir": str(job.run_dir.absolute())}))
        return out
    atomic_write(out / "template.json", text)
    values = [{"name": "RunDir", "value": str(job.run_dir.absolute())}]
    atomic_write(out / "parameter_values.json", _json({"parameterValues": values}))
    atomic_write(out / "asset_references.json", _json({"assetReferences": references(job)}))
    return out


def references(job: Job) -> dict[str, Any]:
    """The files that a job reads and the folders that it writes to, for farms that carry them along."""
    files = [Path(file).absolute() for file in source_files(job.clip)]
    folders: list[Path] = []
    for part in job.parts:
        config, scene = getattr(part, "look", None), part.comp and part.comp.scene.file
        names = [scene] if scene else []
        if config is not None:
            names += [Path(name) for name in (config.checkpoint, *(lora.file for lora in config.loras))]
            names += [Path(control.model) for control in config.controls if control.model]
        for path in names:
            if path.exists() and not path.absolute().is_relative_to(Path(stylize.__file__).parent):
                (folders if path.is_dir() else files).append(path.absolute())
    return {
        "inputs": {
            "filenames": sorted({str(file) for file in files}),
            "directories": sorted({str(folder) for folder in folders}),
        },
        "outputs": {"directories": sorted({str(job.out.absolute().parent), str(job.run_dir.absolute())})},
        "referencedPaths": [],
    }


def _json(table: dict[str, Any]) -> bytes:
    return (json.dumps(table, indent=2, ensure_ascii=False) + "\n").encode()
