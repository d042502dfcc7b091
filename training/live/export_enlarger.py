"""Writes a trained enlarger: ONNX, the weights as safetensors, and the manifest.

It stays in float. Each of the sixteen pixels that it draws for a place has its own channel, and in INT8 each is
rounded otherwise: on bright flat parts that shows as a grid.
"""

from __future__ import annotations

from pathlib import Path

from safetensors.torch import save_file
from torch import nn

from stylize.edge.live.enlarger import ENLARGER, EnlargerManifest, write_enlarger_manifest
from stylize.edge.manifest import Port
from stylize.edge.quantize.graphs import Graph
from training.live.enlarger import ENLARGER_GRID, FACTOR, PLANES
from training.live.export import FILES, LICENCE, WEIGHTS, listed, write_graph
from training.live.network import plain_network


def export_enlarger(network: nn.Module, steps: int, pairs: int, out: Path) -> EnlargerManifest:
    """Writes the enlarger into the folder `out`, the manifest last.

    Args:
        network: as it was trained, in so many `steps` on so many `pairs`.

    Raises:
        MissingPart: onnx is not installed.
    """
    out.mkdir(parents=True, exist_ok=True)
    (out / ENLARGER).unlink(
        missing_ok=True
    )  # a folder without a manifest is no enlarger until all of it is there
    plain = plain_network(network)
    part = write_graph(_graph(plain), None, out / FILES["float"], ENLARGER_GRID)
    save_file(plain.state_dict(), out / WEIGHTS)
    manifest = EnlargerManifest(
        licence=LICENCE,
        grid=ENLARGER_GRID,
        parameters=part.parameters,
        gflop=round(part.gflop, 3),
        steps=steps,
        pairs=pairs,
        file=listed(out / FILES["float"]),
    )
    write_enlarger_manifest(out, manifest)
    return manifest


def _graph(plain: nn.Module) -> Graph:
    sides = (f"height*{ENLARGER_GRID}", f"width*{ENLARGER_GRID}")
    given = Port(name="given", shape=(1, PLANES, *sides))
    large = (f"height*{FACTOR * ENLARGER_GRID}", f"width*{FACTOR * ENLARGER_GRID}")
    return Graph("enlarger", plain, (given,), (Port(name="drawing", shape=(1, 3, *large)),))
