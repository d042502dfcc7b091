"""Drawing from an export: the torch pipeline's frames, without torch and without a network."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from stylize import footage
from stylize.config.resolved import ResolvedConfig
from stylize.diffusion.generator import DiffusionGenerator
from stylize.edge.engines import Session
from stylize.edge.generator import EdgeGenerator
from stylize.edge.kept_networks import MOST_SIZES, KeptNetworks
from stylize.edge.manifest import read_manifest
from stylize.edge.networks import Networks
from stylize.errors import ModelError
from stylize.footage.clip import Shot
from stylize.system.machine import usable_cores
from tests.edge.conftest import FRAMES

FLIGHT_MODE = """
import socket, sys

class Refused:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top in ("torch", "torchvision", "diffusers", "transformers", "peft", "controlnet_aux", "aimet_torch"):
            raise ModuleNotFoundError(f"No module named {top!r}", name=top)

def refuse(*_, **__):
    raise OSError("there is no network")

sys.meta_path.insert(0, Refused())
socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = refuse
from stylize.cli import main
code = main(sys.argv[1:])
assert "torch" not in sys.modules
sys.exit(code)
"""


@pytest.mark.parametrize("name", ["mini", "narrow"])
@pytest.mark.parametrize("engine", ["openvino", "onnxruntime"])
def test_a_float_export_draws_the_frame_of_torch(
    configs: dict[str, ResolvedConfig], exports: dict[str, Path], clip: Path, name: str, engine: str
) -> None:
    """The narrow one with guidance, two ControlNets of which one lets go, and an autoencoder of convolutions."""
    plate = next(footage.pick_frames(footage.probe(clip), [5])).pixels
    wanted = DiffusionGenerator.load(configs[name]).draw([plate], [5], Shot(0, FRAMES))[0]
    edge = configs[name].model_copy(
        update={"runtime": "edge", "checkpoint": str(exports[name]), "device": engine}
    )
    drawn = EdgeGenerator.load(edge).draw([plate], [5], Shot(0, FRAMES))[0]
    assert drawn.shape == plate.shape
    np.testing.assert_allclose(drawn, wanted, atol=2e-3)
    assert np.abs(drawn - plate).mean() > 0.01


@pytest.mark.parametrize("noise", ["per-frame", "source"])
def test_every_noise_is_that_of_torch(
    configs: dict[str, ResolvedConfig], exports: dict[str, Path], clip: Path, noise: str
) -> None:
    plate = next(footage.pick_frames(footage.probe(clip), [5])).pixels
    config = configs["narrow"].model_copy(update={"noise": noise, "steps": 4, "scheduler": "euler"})
    wanted = DiffusionGenerator.load(config).draw([plate], [5], Shot(0, FRAMES))[0]
    edge = config.model_copy(
        update={"runtime": "edge", "checkpoint": str(exports["narrow"]), "device": "openvino"}
    )
    drawn = EdgeGenerator.load(edge).draw([plate], [5], Shot(0, FRAMES))[0]
    np.testing.assert_allclose(drawn, wanted, atol=3e-3)


def test_a_frame_that_is_drawn_alone_waits_for_all_of_its_networks_at_once(
    configs: dict[str, ResolvedConfig], exports: dict[str, Path], clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One after another they would keep a single core busy; and none is loaded that the frame has no need of."""
    plate = next(footage.pick_frames(footage.probe(clip), [5])).pixels
    edge = configs["narrow"].model_copy(
        update={"runtime": "edge", "checkpoint": str(exports["narrow"]), "device": "openvino"}
    )
    generator = EdgeGenerator.load(edge)
    load, asked = generator.engine.load, []
    drawing_needs = 3 + 2 * len(edge.controls)
    together = threading.Barrier(min(drawing_needs, usable_cores()), timeout=60)

    def load_beside_others(model: Path, *rest: object) -> Session:
        asked.append(model)
        if len(asked) <= together.parties:
            together.wait()
        return load(model, *rest)

    monkeypatch.setattr(generator.engine, "load", load_beside_others)
    generator.draw([plate], [5], Shot(0, FRAMES))
    assert len(asked) == len(set(asked)) == drawing_needs


def test_sizes_that_were_loaded_ahead_are_drawn_without_loading(
    configs: dict[str, ResolvedConfig], exports: dict[str, Path], clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plate = next(footage.pick_frames(footage.probe(clip), [5])).pixels
    plates = [plate, np.ascontiguousarray(plate[:60, :64])]
    edge = configs["mini"].model_copy(
        update={"runtime": "edge", "checkpoint": str(exports["mini"]), "device": "openvino"}
    )
    wanted = [EdgeGenerator.load(edge).draw([each], [5], Shot(0, FRAMES))[0] for each in plates]
    generator = EdgeGenerator.load(edge)
    generator.load_sizes([(each.shape[1], each.shape[0]) for each in plates])
    monkeypatch.setattr(generator.engine, "load", None)
    for each, same in zip(plates, wanted, strict=True):
        np.testing.assert_array_equal(generator.draw([each], [5], Shot(0, FRAMES))[0], same)


def test_networks_of_the_sizes_used_last_are_kept() -> None:
    """A folder of photographs has hundreds; a frame's size and that of its faces stay, which are used in turn."""
    kept, loaded = KeptNetworks(), []

    def use(size: tuple[int, int], lane: int = 0) -> object:
        def load() -> Any:
            loaded.append((size, lane))
            return object()

        return kept.get(size, lane, load)

    frame, faces = (288, 512), (64, 64)
    first = [use(frame), use(frame, 1), use(faces)]
    for side in range(200, 200 + 3 * (MOST_SIZES - 2), 3):  # as many as there is room for
        use((side, side))
    assert [use(frame), use(frame, 1), use(faces)] == first
    for side in range(300, 400):
        use((side, side))
        use(frame)
    assert use(frame) is first[0]
    assert loaded.count((frame, 0)) == 1
    use(faces)
    assert loaded.count((faces, 0)) == 2, "it was not used for long, and made room"
    assert len(kept._by_size) == MOST_SIZES


def test_what_is_no_number_is_not_stored(
    configs: dict[str, ResolvedConfig],
    exports: dict[str, Path],
    clip: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plate = next(footage.pick_frames(footage.probe(clip), [5])).pixels
    edge = configs["mini"].model_copy(
        update={"runtime": "edge", "checkpoint": str(exports["mini"]), "device": "openvino"}
    )
    generator = EdgeGenerator.load(edge)
    decode = Networks.decode
    monkeypatch.setattr(Networks, "decode", lambda *given: decode(*given) * np.float32(np.nan))
    with pytest.raises(ModelError, match="Frame 5 came out of the network as no numbers"):
        generator.draw([plate], [5], Shot(0, FRAMES))


def test_a_film_in_flight_mode_is_the_film_of_torch(
    exports: dict[str, Path], clip: Path, tmp_path: Path
) -> None:
    """The whole command in a process that can import no torch and reach no network: every frame of every pass."""
    words = ["run", str(clip), "--size", "72", "--keep", "--json", "--repair", "auto"]
    edge = ["--runtime", "edge", "--model", str(exports["mini"]), "-o", str(tmp_path / "edge.mp4")]
    torch = ["--device", "cpu", "--precision", "fp32", "-o", str(tmp_path / "torch.mp4")]
    for program, more in (
        (FLIGHT_MODE, edge),
        ("import sys; from stylize.cli import main; main(sys.argv[1:])", torch),
    ):
        done = subprocess.run(
            [sys.executable, "-c", program, *words, *more], capture_output=True, text=True, cwd=tmp_path
        )
        assert done.returncode == 0, done.stdout + done.stderr
    events = [json.loads(line)["event"] for line in done.stdout.splitlines()]
    assert events[-1] == "film"
    for passed in ("style", "steady", "finish"):
        ours, theirs = (
            sorted((tmp_path / f"{which}.mp4.stylize" / passed).rglob("*.png")) for which in ("edge", "torch")
        )
        assert len(ours) == len(theirs) == FRAMES
        for pair in zip(
            ours, theirs, strict=True
        ):  # stored in levels: one apart where rounding falls otherwise
            a, b = (cv2.imread(str(file), cv2.IMREAD_UNCHANGED).astype(int) for file in pair)
            assert np.abs(a - b).mean() < 0.1
    films = [
        list(footage.read_frames(footage.probe(tmp_path / f"{which}.mp4"))) for which in ("edge", "torch")
    ]
    for a, b in zip(*films, strict=True):
        assert a.pts == b.pts
        assert np.abs(a.pixels - b.pixels).mean() < 0.01


def test_the_manifest_says_what_drawing_hangs_on(exports: dict[str, Path]) -> None:
    manifest = read_manifest(exports["narrow"])
    assert manifest.target == "float"
    assert [each.condition for each in manifest.controls] == ["tile", "canny"]
    assert manifest.grid == 64
    assert set(manifest.parts) == {
        "text_encoder", "encoder", "decoder", "unet",
        "controlnet.tile", "controlnet.tile.picture", "controlnet.canny", "controlnet.canny.picture",
    }  # fmt: skip
    assert manifest.metrics is not None
    assert manifest.metrics.psnr > 60
    assert manifest.metrics.conditioning == pytest.approx(1, abs=0.01)
    assert manifest.metrics.control == pytest.approx(1, abs=0.01)
    assert all(part.gflop > 0 for name, part in manifest.parts.items() if "picture" not in name)


def test_a_draft_is_the_same_film_quickly(
    exports: dict[str, Path], clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from stylize.cli import main

    monkeypatch.chdir(tmp_path)
    words = ["run", str(clip), "--preview-film", "--runtime", "edge", "--model", str(exports["mini"])]
    assert main([*words, "--size", "144", "-q"]) == 0
    draft = footage.probe(tmp_path / "draft.shapes.anime.mp4")
    assert (draft.width, draft.height, draft.frame_count) == (120, 72, FRAMES)
