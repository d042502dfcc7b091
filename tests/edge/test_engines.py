"""The engines by themselves: products of 8 bits are exact everywhere, and compiled networks are kept."""

from __future__ import annotations

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnx
import openvino
import pytest
from onnx import TensorProto, helper, numpy_helper

from stylize.edge.engines import compiled, open_engine
from stylize.errors import MissingPart

SHAPE = (1, 32, 8, 8)


@pytest.fixture
def loud(tmp_path: Path) -> Path:
    """A convolution whose 8-bit activations and weights are the largest there are: a pair's sum needs 17 bits."""
    channels = SHAPE[1]
    constants = {
        "scale": np.float32(1),
        "zero": np.uint8(0),
        "signed_zero": np.int8(0),
        "weights": np.full((channels, channels, 3, 3), 127, np.int8),
    }
    nodes = [
        helper.make_node("QuantizeLinear", ["x", "scale", "zero"], ["levels"]),
        helper.make_node("DequantizeLinear", ["levels", "scale", "zero"], ["rounded"]),
        helper.make_node("DequantizeLinear", ["weights", "scale", "signed_zero"], ["kernel"]),
        helper.make_node("Conv", ["rounded", "kernel"], ["y"], pads=[1, 1, 1, 1]),
    ]
    ports = [helper.make_tensor_value_info(name, TensorProto.FLOAT, SHAPE) for name in "xy"]
    tensors = [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "loud", ports[:1], ports[1:], tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    file = tmp_path / "loud.onnx"
    onnx.save(model, file)
    return file


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STYLIZE_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.mark.parametrize("engine", ["openvino", "onnxruntime"])
def test_products_of_8_bits_are_exact(loud: Path, engine: str) -> None:
    """Processors without VNNI cut sums of two such products off at 16 bits, unless they are multiplied in float."""
    picture = np.full(SHAPE, 255, np.float32)
    found = open_engine(engine).load(loud, [SHAPE]).run([picture])[0]
    assert found[0, 0, 4, 4] == 255 * 127 * 9 * SHAPE[1]


def test_a_compiled_network_is_kept(loud: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = np.random.default_rng(0).random(SHAPE, np.float32) * 255
    first = open_engine("openvino").load(loud, [SHAPE]).run([picture])[0].copy()
    (file,) = compiled.compiled_folder().glob("*.bin")
    assert cache in file.parents
    monkeypatch.setattr("stylize.edge.engines.openvino.rewrite", None)  # nothing may be compiled any more
    np.testing.assert_array_equal(open_engine("openvino").load(loud, [SHAPE]).run([picture])[0], first)
    with pytest.raises(TypeError):  # another size is another network
        open_engine("openvino").load(loud, [(1, 32, 8, 16)])


def test_threads_that_want_the_same_network_compile_it_once(
    loud: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And those that want other networks need not wait for them: each begins before either is done."""
    begun: list[int] = []
    both = threading.Barrier(2, timeout=60)

    def begin(network: openvino.Model) -> None:
        begun.append(network.input(0).shape[3])
        both.wait()

    monkeypatch.setattr("stylize.edge.engines.openvino.rewrite", begin)
    engine = open_engine("openvino")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda width: engine.load(loud, [(*SHAPE[:3], width)]), (8, 16, 8, 16)))
    assert sorted(begun) == [8, 16]


def test_a_damaged_compiled_network_is_made_anew(loud: Path) -> None:
    open_engine("openvino").load(loud, [SHAPE])
    (file,) = compiled.compiled_folder().glob("*.bin")
    whole = file.read_bytes()
    file.write_bytes(whole[:-9])
    open_engine("openvino").load(loud, [SHAPE])
    made = file.read_bytes()  # by no promise the same bytes: OpenVINO may compile otherwise
    digest, network = made[: compiled.DIGEST_BYTES], made[compiled.DIGEST_BYTES :]
    assert hashlib.sha256(network).digest() == digest


def test_the_cache_is_bounded(loud: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_engine("openvino").load(loud, [SHAPE])
    (file,) = compiled.compiled_folder().glob("*.bin")
    monkeypatch.setattr(compiled, "KEPT_BYTES", file.stat().st_size * 3 // 2)
    for width in (8, 16, 24):
        open_engine("openvino").load(loud, [(*SHAPE[:3], width)])
        assert len(list(compiled.compiled_folder().glob("*.bin"))) == 1


def test_what_would_take_all_of_the_cache_is_not_written_down(
    loud: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_engine("openvino").load(loud, [SHAPE])
    (kept,) = compiled.compiled_folder().glob("*.bin")
    monkeypatch.setattr(compiled, "KEPT_BYTES", kept.stat().st_size)
    large = loud.with_name("large.onnx")
    large.write_bytes(loud.read_bytes())
    large.with_name("large.onnx.data").write_bytes(bytes(kept.stat().st_size))
    monkeypatch.setattr("openvino.CompiledModel.export_model", None)
    open_engine("openvino").load(large, [SHAPE]).run([np.zeros(SHAPE, np.float32)])
    assert list(compiled.compiled_folder().glob("*.bin")) == [kept]


def test_weights_in_a_file_of_their_own_count(loud: Path) -> None:
    names = set()
    for content in (None, b"one", b"two"):
        if content is not None:
            loud.with_name("loud.onnx.data").write_bytes(content)
        names.add(compiled.compiled_name(loud, [SHAPE], {}, "1"))
    assert len(names) == 3


def test_an_engine_that_is_not_installed_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker on another machine is given the engine's name by the run's record."""
    monkeypatch.setattr("stylize.edge.engines.choose._is_installed", lambda name: False)
    with pytest.raises(MissingPart, match="drawn with OpenVINO, which is not installed on this machine"):
        open_engine("openvino")


def test_networks_are_not_bound_to_cores(loud: Path) -> None:
    """Bound to a core each, two networks of one thread would share the first one."""
    session = open_engine("openvino").load(loud, [SHAPE], threads=1)
    assert session._request.get_compiled_model().get_property("ENABLE_CPU_PINNING") is False
