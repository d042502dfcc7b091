"""What `--runtime auto` draws with, and that a run keeps to it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from stylize.config.settings import RunSettings
from stylize.edge.export_info import inspect_export
from stylize.edge.gate import fault_of
from stylize.edge.library import bundled_exports, export_key_of
from stylize.edge.manifest import NAME, check_files, read_manifest
from stylize.errors import MissingPart
from stylize.footage.clip import Shot
from stylize.generators import automatic
from stylize.generators.automatic import BegunWith
from stylize.generators.inspect import inspect_checkpoint
from stylize.generators.load import load_generator
from stylize.generators.resolve import resolve

EXPORTS = sorted(file.parent for file in bundled_exports().glob(f"*/{NAME}"))


@pytest.fixture(autouse=True)
def no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(automatic, "has_gpu", lambda: False)


@pytest.mark.parametrize("folder", EXPORTS, ids=lambda folder: folder.name)
def test_a_bundled_export_belongs_to_the_bundled_weights(folder: Path) -> None:
    """It is whole, passed its gate, and was made of the checkpoint and the LoRAs that the style draws with."""
    manifest = read_manifest(folder)
    check_files(folder, manifest)
    assert fault_of(manifest) is None
    assert manifest.revision == inspect_checkpoint("mini").revision
    resolved = resolve(RunSettings(style=folder.name, runtime="torch", device="cpu"))
    assert manifest.key == resolved.export_key.digest
    assert not (folder / ".parts").exists()


def test_the_default_style_is_drawn_by_its_export() -> None:
    found = resolve(RunSettings())
    assert (found.config.runtime, found.config.device, found.config.precision) == (
        "edge",
        "openvino",
        "cpu-int8",
    )
    assert found.config.checkpoint == str(bundled_exports() / "anime")
    assert found.why.startswith("Drawn with the INT8 export of mini in OpenVINO, 55.")
    assert "--runtime torch" in found.why


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"precision": "fp32"}, "no export draws with --precision fp32"),
        ({"attend": "first"}, "no export draws with attention to a shot's first drawing"),
        ({"prompt": "(anime:1.3)"}, "no export draws with weights in a prompt"),
        ({"controls": ()}, "there is no export"),
        ({"keyframes": Path("keys")}, "no export draws with --open-parts learn"),
    ],
)
def test_torch_draws_what_no_export_can(asked: dict[str, object], why: str) -> None:
    found = resolve(RunSettings(**asked))  # type: ignore[arg-type]
    assert found.config.runtime == "torch"
    assert why in found.why


def test_a_named_runtime_says_nothing() -> None:
    assert resolve(RunSettings(runtime="torch")).why == resolve(RunSettings(runtime="edge")).why == ""


def test_a_gpu_draws_with_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(automatic, "has_gpu", lambda: True)
    found = resolve(RunSettings())
    assert found.config.runtime == "torch"
    assert "GPU" in found.why
    assert resolve(RunSettings(device="cpu")).config.runtime == "edge"


def test_without_openvino_torch_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stylize.edge.engines.choose._is_installed", lambda name: name != "openvino")
    found = resolve(RunSettings())
    assert found.config.runtime == "torch"
    assert "OpenVINO" in found.why


def test_a_run_keeps_to_what_it_was_begun_with(monkeypatch: pytest.MonkeyPatch) -> None:
    mini, export = inspect_checkpoint("mini"), inspect_export(bundled_exports() / "anime")
    torch = resolve(RunSettings(), begun_with=BegunWith("torch", mini.revision))
    assert torch.config.runtime == "torch"
    assert "as this run was begun" in torch.why
    of_another_film = resolve(RunSettings(), begun_with=BegunWith("torch", "of another checkpoint"))
    assert of_another_film.config.runtime == "edge"
    monkeypatch.setattr(automatic, "has_gpu", lambda: True)  # it was built in since
    kept = resolve(RunSettings(), begun_with=BegunWith("edge", export.revision))
    assert kept.config.checkpoint == export.place


def test_a_run_begun_with_an_engine_that_is_gone_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    export = inspect_export(bundled_exports() / "anime")
    monkeypatch.setattr("stylize.edge.engines.choose._is_installed", lambda name: False)
    with pytest.raises(MissingPart, match="begun with an export that cannot be used here") as told:
        resolve(RunSettings(), begun_with=BegunWith("edge", export.revision))
    assert "--runtime torch" in (told.value.hint or "")


def test_other_weights_have_no_bundled_export() -> None:
    export = read_manifest(bundled_exports() / "anime")
    control = resolve(RunSettings(runtime="torch", device="cpu")).config.controls
    assert export_key_of("other weights", control, (), 0).digest != export.key


def test_a_plan_of_the_default_imports_no_torch(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from stylize.generators.resolve import resolve_config\n"
        "from stylize.config.settings import RunSettings\n"
        "assert resolve_config(RunSettings(device='cpu')).runtime == 'edge'\n"
        "assert not {'torch', 'diffusers', 'transformers', 'onnxruntime'} & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr


def test_frames_drawn_at_the_same_time_are_those_drawn_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any chunk of a film, and any number of cores, gives the same bytes."""
    plates = list(np.random.default_rng(0).random((3, 64, 64, 3), np.float32))
    drawn = []
    for cores in (1, 2):
        monkeypatch.setattr("stylize.edge.generator.usable_cores", lambda cores=cores: cores)
        generator = load_generator(resolve(RunSettings(size=64)).config)
        assert generator.at_once == cores  # type: ignore[attr-defined]
        drawn.append(generator.draw(plates, [0, 1, 2], Shot(0, 3)))
    drawn.append([generator.draw([plates[number]], [number], Shot(0, 3))[0] for number in range(3)])
    np.testing.assert_array_equal(drawn[0], drawn[1])
    np.testing.assert_array_equal(drawn[0], drawn[2])
