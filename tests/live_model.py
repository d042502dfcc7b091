"""A live model that needs no training, whose drawing is the picture's negative; and a clip to draw."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from stylize.edge.live.manifest import LiveFile, LiveManifest, write_live_manifest
from stylize.footage import ffmpeg_binary
from stylize.storage.digests import digest_of


def write_negative(folder: Path, *, network: str = "m", version: int = 1, top: float = 1.0) -> Path:
    """Writes the model: drawing = `top` - picture."""
    folder.mkdir(parents=True, exist_ok=True)
    sides = [1, 3, "height", "width"]
    graph = helper.make_graph(
        [helper.make_node("Sub", ["top", "picture"], ["drawing"])],
        "negative",
        [helper.make_tensor_value_info("picture", TensorProto.FLOAT, sides)],
        [helper.make_tensor_value_info("drawing", TensorProto.FLOAT, sides)],
        [numpy_helper.from_array(np.float32(top), "top")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    file = folder / "float.onnx"
    onnx.save(model, file)
    write_live_manifest(
        folder,
        LiveManifest(
            style="anime",
            network=network,  # type: ignore[arg-type]
            version=version,
            licence="Apache-2.0",
            teacher="none",
            short_side=96,
            grid=8,
            parameters=1,
            gflop=0.001,
            steps=0,
            pairs=0,
            files={"float": LiveFile(name=file.name, sha256=digest_of(file), bytes=file.stat().st_size)},
        ),
    )
    return folder


def write_pattern(path: Path, *, frames: int, size: tuple[int, int]) -> Path:
    """A moving test pattern as a film of 24 frames a second."""
    pattern = f"testsrc2=size={size[0]}x{size[1]}:rate=24"
    words = ("-f", "lavfi", "-i", pattern, "-frames:v", str(frames), "-crf", "12", str(path))
    subprocess.run([ffmpeg_binary(), "-hide_banner", "-loglevel", "error", "-y", *words], check=True)
    return path
