"""A checkpoint becomes an export: open the float reference, make every part, compare frames, write the manifest."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from stylize.diffusion.checkpoint_info import CheckpointInfo
from stylize.edge.manifest import NAME, Manifest, write_manifest
from stylize.edge.quantize.compare import compare_frames
from stylize.edge.quantize.describe import describe
from stylize.edge.quantize.part import Fidelity, build_part
from stylize.edge.quantize.reference import FloatReference, open_reference
from stylize.edge.quantize.request import BuildRequest
from stylize.edge.tokens import FILE as TOKENIZER
from stylize.events import ReportProgress

BYTES_PER_WEIGHT = 4
BASE_BYTES = int(1.5e9)
"""Of torch, AIMET and the exporter, before any weights."""


@dataclass(frozen=True)
class BuiltExport:
    """A finished export; `fidelity` says by part how close the quantized files are."""

    folder: Path
    manifest: Manifest
    fidelity: dict[str, Fidelity]


def memory_of(checkpoint: CheckpointInfo) -> int:
    """Bytes that a build takes at its peak, about: all weights in fp32, and the largest network, which is
    rarely more than two thirds of them, three times more."""
    weights = checkpoint.weights_bytes // 2 * BYTES_PER_WEIGHT  # checkpoints are stored in half precision
    return BASE_BYTES + weights * 3


def build(request: BuildRequest, report_progress: ReportProgress) -> BuiltExport:
    """Builds an export into `request.out`. Parts that a stopped build of the same request has made are kept.

    Raises:
        StylizeError: what is missing or does not fit, and where.
    """
    out = request.out
    out.mkdir(parents=True, exist_ok=True)
    (out / NAME).unlink(missing_ok=True)  # a folder without a manifest is no export until all of it is made
    reference = open_reference(request, report_progress)
    built = {
        name: build_part(request, reference, graph, report_progress)
        for name, graph in reference.graphs.items()
    }
    _write_tokenizer(reference, out / TOKENIZER)
    manifest = describe(request, reference).model_copy(
        update={
            "parts": {name: each.part for name, each in built.items()},
            "wide_layers": tuple(
                f"{name}:{layer}" for name, each in built.items() for layer in each.wide_layers
            ),
        }
    )
    write_manifest(out, manifest)
    if request.plates is not None:
        report_progress("compare", "held-out frames with float")
        metrics = compare_frames(request, reference, manifest).metrics
        manifest = manifest.model_copy(update={"metrics": metrics})
        write_manifest(out, manifest)
    fidelity = {name: each.fidelity for name, each in built.items() if each.fidelity is not None}
    return BuiltExport(out, manifest, fidelity)


def _write_tokenizer(reference: FloatReference, file: Path) -> None:
    """Writes the tokenizer without the padding and cutting that its last use has set: whoever reads the file sets
    its own, and a build that was stopped ends in the same one."""
    from tokenizers import Tokenizer

    plain = Tokenizer.from_str(reference.generator.checkpoint.tokenizer.backend_tokenizer.to_str())
    plain.no_padding()
    plain.no_truncation()
    plain.save(str(file))
