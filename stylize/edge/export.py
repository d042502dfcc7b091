"""An export into a folder of its own, read back part by part."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np

from stylize.edge.engines import choose_engine
from stylize.edge.engines.base import open_engine
from stylize.edge.manifest import Manifest, check_files, digest_of, read_manifest, write_manifest
from stylize.edge.tokens import FILE as TOKENIZER
from stylize.errors import MissingPart, ModelError
from stylize.system.dependencies import install_hint

Tell = Callable[[str, str], None]
SMALL_PX = 64


def export_to(source: Path, out: Path, *, ir: bool, tell: Tell) -> Manifest:
    """Copies a finished export, and runs every part of the copy once.

    Args:
        ir: write OpenVINO's intermediate representation beside each ONNX file.

    Raises:
        ModelError: a file that is not what the manifest says, or a part that does not run.
    """
    manifest = read_manifest(source)
    check_files(source, manifest)
    out.mkdir(parents=True, exist_ok=True)
    for name in (TOKENIZER, *(name for part in manifest.parts.values() for name in part.files)):
        tell("copy", name)
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / name, out / name)
    if ir:
        manifest = _with_ir(out, manifest, tell)
    write_manifest(out, manifest)
    check_files(out, manifest)
    read_back(out, manifest, tell)
    return manifest


def read_back(folder: Path, manifest: Manifest, tell: Tell) -> None:
    """Runs every part once on zeros and looks at the shapes and the numbers that come out.

    Raises:
        ModelError: a part that does not run, or answers what its manifest does not say.
    """
    engine = open_engine(choose_engine("cpu", manifest.target))
    width, height = manifest.size or (_grid(manifest), _grid(manifest))
    latents = height // manifest.latent_scale, width // manifest.latent_scale
    for name, part in manifest.parts.items():
        tell("read back", name)
        inputs = [np.zeros(port.at(*latents), port.dtype) for port in part.inputs]
        session = engine.load(folder / part.model, [each.shape for each in inputs])
        answers = session.run(inputs)
        shapes = [tuple(each.shape) for each in answers]
        if shapes != [port.at(*latents) for port in part.outputs]:
            raise ModelError(
                f"This part answers {shapes}, not what its manifest says.", where=folder / part.model
            )
        if not all(np.isfinite(each).all() for each in answers):
            raise ModelError("This part answers with numbers that are none.", where=folder / part.model)


def _grid(manifest: Manifest) -> int:
    """A small side that the network takes, px."""
    return max(manifest.grid, -(-SMALL_PX // manifest.grid) * manifest.grid)


def _with_ir(folder: Path, manifest: Manifest, tell: Tell) -> Manifest:
    try:
        import openvino
    except ModuleNotFoundError as error:
        raise MissingPart("OpenVINO's files need the package openvino.", hint=install_hint("edge")) from error
    parts = {}
    for name, part in manifest.parts.items():
        tell("OpenVINO", name)
        place = folder / name / "openvino.xml"
        openvino.save_model(openvino.convert_model(folder / part.model), place, compress_to_fp16=False)
        files = {
            file.relative_to(folder).as_posix(): digest_of(file)
            for file in (place, place.with_suffix(".bin"))
        }
        parts[name] = part.model_copy(update={"files": {**part.files, **files}})
    return manifest.model_copy(update={"parts": parts})
