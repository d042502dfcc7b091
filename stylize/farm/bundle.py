"""Exports as files: a template alone, or a Deadline Cloud job bundle around it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

import stylize
from stylize.errors import UsageError
from stylize.farm.job_access import configs_of, scene_files
from stylize.farm.openjd import Export, template
from stylize.footage import source_files
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
    """The files that a job reads and the folders that it writes to, for farms that copy them to their workers."""
    paths = [Path(file).absolute() for file in [*source_files(job.clip), *_other_inputs(job)]]
    outputs = {str(job.film.path.absolute().parent), str(job.run_dir.absolute())}
    return {
        "inputs": {
            "filenames": sorted({str(path) for path in paths if not path.is_dir()}),
            "directories": sorted({str(path) for path in paths if path.is_dir()}),
        },
        "outputs": {"directories": sorted(outputs)},
        "referencedPaths": [],
    }


def _other_inputs(job: RenderJob) -> list[Path]:
    """Checkpoints, what is loaded beside them, and scene files that lie here; workers have those of the package."""
    names: list[str | Path] = [*scene_files(job)]
    for config in configs_of(job):
        names += [config.checkpoint, *(lora.file for lora in config.loras)]
        names += [control.model for control in config.controls if control.model]
        beside = (config.vae, config.ip_adapter, config.image_encoder, config.transformer)
        names += [*(name for name in beside if name), *config.embeddings, *config.references]
    package = Path(stylize.__file__).parent
    paths = [Path(name) for name in names]
    return [path for path in paths if path.exists() and not path.absolute().is_relative_to(package)]


def _json(table: dict[str, Any]) -> bytes:
    return (json.dumps(table, indent=2, ensure_ascii=False) + "\n").encode()
