"""Exports as files: a template alone, or a Deadline Cloud job bundle around it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

import stylize
from stylize.errors import UsageError
from stylize.farm.job_access import configs_of
from stylize.farm.openjd import Export, template
from stylize.generators.enlarging import EDGES, NET
from stylize.jobs.job import RenderJob
from stylize.storage.atomic import atomic_write

Format = Literal["openjd", "deadline-bundle"]


def write_export(
    job: RenderJob, name: str, folder: Path, form: Format, export: Export, overwrite: bool
) -> Path:
    """Writes a job for a studio's farm: the bundle folder `<folder>/<name>`, or `<folder>/<name>.template.json`
    with its parameters in a file beside it, as a template cannot hold an absolute path.

    Raises:
        UsageError: it exists, or the name cannot be a file's. OutputError: the folder cannot be written.
    """
    if name in ("", ".", "..") or Path(name).name != name:
        raise UsageError(f"{name!r} cannot be the name of an export.", where=job.run_dir)
    if "{{" in job.film.path.name:
        raise UsageError(
            "Open Job Description would take a part of the film's name for one of its variables.",
            where=job.film.path,
            hint="choose a name without {{",
        )
    text = _json(template(job, export))
    run_dir = str(job.run_dir.absolute())
    out = folder / f"{name}.template.json" if form == "openjd" else folder / name
    if out.exists() and not overwrite:
        raise UsageError(
            "This export exists.", where=out, hint="add -y to replace it, or choose another with -o"
        )
    if form == "openjd":
        atomic_write(out, text)
        atomic_write(folder / f"{name}.parameters.json", _json({"RunDir": run_dir}))
        return out
    atomic_write(out / "template.json", text)
    values = [{"name": "RunDir", "value": run_dir}]
    atomic_write(out / "parameter_values.json", _json({"parameterValues": values}))
    atomic_write(out / "asset_references.json", _json({"assetReferences": asset_references(job)}))
    return out


def asset_references(job: RenderJob) -> dict[str, Any]:
    """The files that a job reads and the folders that it writes to, for farms that copy them to their workers. What
    belongs to the package is left out: workers have it."""
    package = Path(stylize.__file__).parent
    named = [Path(file).absolute() for file in [*job.files_read, *_loaded(job)]]
    paths = [path for path in named if path.exists() and not path.is_relative_to(package)]
    outputs = {str(film.path.absolute().parent) for film in job.films} | {str(job.run_dir.absolute())}
    return {
        "inputs": {
            "filenames": sorted({str(path) for path in paths if not path.is_dir()}),
            "directories": sorted({str(path) for path in paths if path.is_dir()}),
        },
        "outputs": {"directories": sorted(outputs)},
        "referencedPaths": [],
    }


def _loaded(job: RenderJob) -> list[str | Path]:
    """Checkpoints and what is loaded beside them, where a name is a path here."""
    names: list[str | Path] = []
    for config in configs_of(job):
        names += [config.checkpoint, *(lora.file for lora in config.loras)]
        names += [control.model for control in config.controls if control.model]
        beside = (config.vae, config.ip_adapter, config.image_encoder, config.transformer, config.annotators)
        names += [*(name for name in beside if name), *config.embeddings, *config.references]
        names += [] if config.enlarge in (EDGES, NET) else [config.enlarge]
    return names


def _json(table: dict[str, Any]) -> bytes:
    return (json.dumps(table, indent=2, ensure_ascii=False) + "\n").encode()
