"""Style packs that bring a live model of their own: what is let in, and what draws."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import onnx
import pytest

from stylize.config.packs.find import find_style
from stylize.config.packs.install import install_pack
from stylize.config.packs.onnx_files import is_self_contained
from stylize.config.settings import RunSettings
from stylize.edge.live.find import bundled_live_models
from stylize.errors import UsageError
from stylize.footage.clip import Shot
from stylize.generators.live.models import live_model_folder, load_drawer
from stylize.generators.load import load_generator
from stylize.generators.quality import with_quality
from stylize.generators.resolve import resolve
from stylize.storage.digests import digest_of
from tests.live_model import write_negative

STYLE = 'title = "Negative"\ncheckpoint = "live"\nprompt = "negative"\n'


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    folder = tmp_path / "negative"
    write_negative(folder / "live")
    (folder / "style.toml").write_text(STYLE)
    return folder


def test_an_installed_pack_draws_with_its_own_model(pack: Path) -> None:
    installed = install_pack(pack)
    found = resolve(RunSettings(style="negative"))
    assert (found.config.runtime, found.config.size) == ("live", 96)
    assert Path(found.config.checkpoint) == installed.folder / "live"
    picture = np.random.default_rng(0).random((16, 24, 3)).astype(np.float32)
    drawn = load_generator(found.config).draw([picture], [0], Shot(0, 1))[0]
    np.testing.assert_allclose(drawn, 1 - picture, atol=1e-5)
    assert "m, float" in load_drawer(RunSettings(style="negative"), "auto").notes[0]


def test_what_is_drawn_depends_on_the_model(pack: Path) -> None:
    revisions = []
    for top in (1.0, 0.9):
        write_negative(pack / "live", top=top)
        install_pack(pack, overwrite=True)
        revisions.append(resolve(RunSettings(style="negative")).checkpoint.revision)
    assert revisions[0] != revisions[1]


def test_its_own_model_comes_before_the_bundled_one_of_its_size(pack: Path) -> None:
    own = pack / "live"
    assert live_model_folder("live", str(pack)) == own
    assert live_model_folder("live-m", str(pack)) == own
    assert live_model_folder("live-m", "anime") == bundled_live_models() / "anime-m"
    with pytest.raises(UsageError, match="no live model 's'"):
        live_model_folder("live-s", str(pack))
    draft = RunSettings(style=str(pack), quality="draft")
    assert resolve(with_quality(draft, (96, 64))).config.runtime == "live"


def test_a_zip_with_a_folder_around_is_installed(pack: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "negative.zip", "w") as archive:
        for file in pack.rglob("*.*"):
            archive.write(file, f"around/{file.relative_to(pack)}")
    assert install_pack(tmp_path / "negative.zip").live_folder is not None


def test_a_style_with_its_own_model_stacks_with_no_other(pack: Path) -> None:
    install_pack(pack)
    for name in ("negative+anime", "anime+negative"):
        with pytest.raises(UsageError, match="negative is drawn by a network of its own"):
            find_style(name)


def test_another_network_than_the_manifest_names_is_refused(pack: Path) -> None:
    file = pack / "live" / "float.onnx"
    file.write_bytes(file.read_bytes()[:-1] + b"\0")
    with pytest.raises(UsageError, match=r"not the one that its manifest was written for: live/float\.onnx"):
        install_pack(pack)


def test_a_network_that_the_manifest_does_not_name_is_refused(pack: Path) -> None:
    (pack / "live" / "more.onnx").write_bytes((pack / "live" / "float.onnx").read_bytes())
    with pytest.raises(UsageError, match=r"does not fit its files: more\.onnx"):
        install_pack(pack)


def test_networks_without_a_manifest_or_elsewhere_are_refused(pack: Path) -> None:
    (pack / "live" / "live.json").unlink()
    with pytest.raises(UsageError, match="is missing"):
        install_pack(pack)
    (pack / "a" / "live").mkdir(parents=True)
    (pack / "live" / "float.onnx").rename(pack / "a" / "live" / "float.onnx")
    with pytest.raises(UsageError, match=r"none is looked for: a/live/float\.onnx"):
        install_pack(pack)
    (pack / "a" / "live" / "float.onnx").rename(pack / "float.onnx")
    with pytest.raises(UsageError, match=r"does not hold such a file: float\.onnx"):
        install_pack(pack)


def test_a_network_that_reads_other_files_is_refused(pack: Path) -> None:
    file = pack / "live" / "float.onnx"
    model = onnx.load(file)
    onnx.save(model, file, save_as_external_data=True, location="far.txt", size_threshold=0)
    assert not is_self_contained(file.read_bytes())
    manifest = json.loads((pack / "live" / "live.json").read_text())
    manifest["files"]["float"]["sha256"] = digest_of(file)
    (pack / "live" / "live.json").write_text(json.dumps(manifest))
    with pytest.raises(UsageError, match=r"reads files outside of its pack: live/float\.onnx"):
        install_pack(pack)


def test_a_tensor_deep_in_a_node_is_found() -> None:
    """A constant in the branch of a condition, whose numbers lie in another file."""
    helper, float32 = onnx.helper, onnx.TensorProto.FLOAT
    far = helper.make_tensor("far", float32, [1], [0.0])
    far.data_location = onnx.TensorProto.EXTERNAL
    branch = helper.make_graph(
        [helper.make_node("Constant", [], ["out"], value=far)],
        "branch",
        [],
        [helper.make_tensor_value_info("out", float32, [1])],
    )
    node = helper.make_node("If", ["yes"], ["out"], then_branch=branch, else_branch=branch)
    model = helper.make_model(helper.make_graph([node], "all", [], []))
    assert not is_self_contained(model.SerializeToString())


@pytest.mark.parametrize("data", [b"", b"\x3a", b"\x3a\x7f", b"\x3b", b"\xff" * 12, b"no network"])
def test_other_bytes_are_no_network(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"it has no graph|it is cut off|no known kind|has no end"):
        is_self_contained(data)


def test_a_tag_of_more_than_32_bits_is_refused() -> None:
    """Readers that cut it off see another field: here the file that a tensor's numbers lie in."""
    wide, left = bytearray(), 1 << 35 | 13 << 3 | 2
    while left:
        wide.append(left & 127 | (128 if left > 127 else 0))
        left >>= 7
    tensor = bytes(wide) + b"\x01a"
    graph = bytes([5 << 3 | 2, len(tensor)]) + tensor
    with pytest.raises(ValueError, match="more than 32 bits"):
        is_self_contained(bytes([7 << 3 | 2, len(graph)]) + graph)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"short_side": 1 << 20}, "short_side"),
        ({"licence": "x" * 5000}, "licence"),
        ({"format": 99}, "format 99"),
        ({"files": {"float": {"name": "../far.onnx", "sha256": "0" * 64, "bytes": 1}}}, "name"),
        ({"more": "words"}, "more"),
    ],
)
def test_a_manifest_that_is_none_is_refused_at_once(
    pack: Path, change: dict[str, object], sentence: str
) -> None:
    file = pack / "live" / "live.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | change))
    with pytest.raises(UsageError, match=f"not valid: .*{sentence}"):
        install_pack(pack)


@pytest.mark.parametrize("change", [{"format": "x" * 99999}, {"x" * 99999: 1}, {"licence": "x" * 99999}])
def test_what_a_manifest_holds_is_quoted_in_part(pack: Path, change: dict[str, object]) -> None:
    file = pack / "live" / "live.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | change))
    with pytest.raises(UsageError) as refused:
        install_pack(pack)
    assert len(refused.value.what) < 400


def test_words_of_a_pack_are_bounded(pack: Path) -> None:
    (pack / "style.toml").write_text(STYLE + f'licence = "{"x" * 5000}"\n')
    with pytest.raises(UsageError, match="licence"):
        install_pack(pack)


@pytest.mark.parametrize("file", sorted(bundled_live_models().glob("*/*.onnx")), ids=str)
def test_our_own_networks_are_whole(file: Path) -> None:
    assert is_self_contained(file.read_bytes())
