"""Copies an export into a folder to take elsewhere, and runs every part of the copy."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np

from stylize.edge.engines import choose_engine, open_engine
from stylize.edge.manifest import Manifest, check_files, read_manifest, write_manifest
from stylize.edge.tokens import FILE as TOKENIZER
from stylize.errors import MissingPart, ModelError
from stylize.events import ReportProgress
from stylize.storage.digests import digest_of
from stylize.system.dependencies import install_hint

SMALL_PX = 64


def export_to(source: Path, out: Path, *, ir: bool, report_progress: ReportProgress) -> Manifest:
    """Copies a finished export, and runs every part of the copy once.

    Args:
        ir: write OpenVINO's intermediate representation beside each ONNX file.

    Raises:
        ModelError: a file is not the one that the manifest lists, or a part does not run.
        MissingPart: a package that this takes is not installed.
    """
    manifest = read_manifest(source)
    check_files(source, manifest)
    out.mkdir(parents=True, exist_ok=True)
    for name in (TOKENIZER, *(name for part in manifest.parts.values() for name in part.files)):
        report_progress("copy", name)
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / name, out / name)
    if ir:
        manifest = _with_ir(out, manifest, report_progress)
    write_manifest(out, manifest)
    check_files(out, manifest)
    read_back(out, manifest, report_progress)
    return manifest


def read_back(folder: Path, manifest: Manifest, report_progress: ReportProgress) -> None:
    """Runs every part once on zeros, and checks the shapes and the numbers that come out.

    Raises:
        ModelError: a part does not run, or its outputs are not as the manifest says.
    """
    engine = open_engine(choose_engine("cpu", manifest.target))
    width, height = manifest.size or (_grid(manifest), _grid(manifest))
    latents = height // manifest.latent_scale, width // manifest.latent_scale
    for name, part in manifest.parts.items():
        report_progress("read back", name)
        inputs = [np.zeros(port.at(*latents), port.dtype) for port in part.inputs]
        session = engine.load(folder / part.model, [each.shape for each in inputs])
        outputs = session.run(inputs)
        shapes = [tuple(each.shape) for each in outputs]
        if shapes != [port.at(*latents) for port in part.outputs]:
            raise ModelError(
                f"This part's outputs have the shapes {shapes}, and the manifest says others.",
                where=folder / part.model,
            )
        if not all(np.isfinite(each).all() for each in outputs):
            raise ModelError("This part's outputs are not finite numbers.", where=folder / part.model)


def _grid(manifest: Manifest) -> int:
    """The smallest side of at least `SMALL_PX` that the network takes, px."""
    return max(manifest.grid, -(-SMALL_PX // manifest.grid) * manifest.grid)


def _with_ir(folder: Path, manifest: Manifest, report_progress: ReportProgress) -> Manifest:
    """Writes OpenVINO's own files, and returns the manifest that lists them."""
    try:
        import openvino
    except ModuleNotFoundError as error:
        raise MissingPart("OpenVINO's files need the package openvino.", hint=install_hint()) from error
    parts = {}
    for name, part in manifest.parts.items():
        report_progress("OpenVINO", name)
        place = folder / name / "openvino.xml"
        openvino.save_model(openvino.convert_model(folder / part.model), place, compress_to_fp16=False)
        files = {
            file.relative_to(folder).as_posix(): digest_of(file)
            for file in (place, place.with_suffix(".bin"))
        }
        parts[name] = part.model_copy(update={"files": {**part.files, **files}})
    return manifest.model_copy(update={"parts": parts})
