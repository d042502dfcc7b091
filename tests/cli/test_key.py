"""`stylize key`: what is written, in which form, and what is refused with a hint."""

from __future__ import annotations

import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks.key.screen import Cloth, Screen
from benchmarks.key.subject import Look, Performer
from compositing.colour import linear_from_srgb, srgb_from_linear
from stylize import footage
from stylize.footage.clip import Clip, Frame

from .conftest import Typed

WIDTH, HEIGHT, FRAMES = 192, 108, 4
GREEN = (0.06, 0.38, 0.08)


def write(path: Path, pictures: list[np.ndarray]) -> Path:
    rows, columns = pictures[0].shape[:2]
    clip = Clip(path, columns, rows, Fraction(24), Fraction(1, 24), len(pictures))
    frames = (Frame(index, index, np.asarray(each, np.float32)) for index, each in enumerate(pictures))
    return footage.write_film(frames, path, clip, audio=False)


def plates(look: Look) -> list[np.ndarray]:
    performer, screen = Performer(look, WIDTH, HEIGHT), Screen(Cloth(gradient=0.3, seed=31), WIDTH, HEIGHT)
    made = []
    for t in range(FRAMES):
        premult, alpha = performer.frame(2 * t)
        light = premult + (1 - alpha[..., None]) * screen.frame(t)
        made.append(np.clip(srgb_from_linear(light), 0, 1))
    return made


@pytest.fixture(scope="module")
def plate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("key") / "plate.mp4", plates(Look(seed=32, strands=60)))


@pytest.fixture(scope="module")
def truth() -> np.ndarray:
    return Performer(Look(seed=32, strands=60), WIDTH, HEIGHT).frame(2)[1]


def test_both_outputs_in_one_go(typed: Typed, plate: Path, truth: np.ndarray) -> None:
    said = typed("key", plate, "-o", "fg.png", "--matte-out", "matte.png", "--no-progress")
    assert said.code == 0, said.err
    assert "straight alpha" in said.out
    front = cv2.imread("fg.000001.png", cv2.IMREAD_UNCHANGED)
    matte = cv2.imread("matte.000001.png", cv2.IMREAD_UNCHANGED)
    assert (front.dtype, front.shape) == (np.uint16, (HEIGHT, WIDTH, 4))
    assert (matte.dtype, matte.shape) == (np.uint16, (HEIGHT, WIDTH))
    np.testing.assert_array_equal(front[..., 3], matte)
    assert np.abs(matte / 65535 - truth).mean() < 0.02


def test_straight_and_premultiplied(typed: Typed, plate: Path) -> None:
    from stylize.footage.exr import read_alpha, read_exr

    assert typed("key", plate, "-o", "a.exr", "--end", "2f").code == 0
    assert typed("key", plate, "-o", "b.exr", "--end", "2f", "--alpha", "straight").code == 0
    assert typed("key", plate, "-o", "c.png", "--end", "2f").code == 0
    assert typed("key", plate, "-o", "d.png", "--end", "2f", "--alpha", "premultiplied").code == 0
    alpha = read_alpha(Path("a.000000.exr"))
    premult, straight = read_exr(Path("a.000000.exr")), read_exr(Path("b.000000.exr"))
    np.testing.assert_allclose(straight * alpha[..., None], premult, atol=2e-3)
    assert np.abs(straight - premult).max() > 0.05
    coded = cv2.imread("c.000000.png", cv2.IMREAD_UNCHANGED)[..., 2::-1].astype(np.float32) / 65535
    np.testing.assert_allclose(linear_from_srgb(coded), straight, atol=2e-3)
    multiplied = cv2.imread("d.000000.png", cv2.IMREAD_UNCHANGED)[..., 2::-1].astype(np.float32) / 65535
    np.testing.assert_allclose(multiplied, coded * alpha[..., None], atol=2e-3)


def test_a_matte_in_exr_is_linear(typed: Typed, plate: Path) -> None:
    from stylize.footage.exr import read_alpha

    assert typed("key", plate, "--matte-out", "m.exr", "-o", "f.png", "--end", "1f").code == 0
    codes = cv2.imread("f.000000.png", cv2.IMREAD_UNCHANGED)[..., 3] / 65535
    np.testing.assert_allclose(read_alpha(Path("m.000000.exr")), codes, atol=1e-3)


def test_prores_carries_alpha(typed: Typed, plate: Path) -> None:
    assert typed("key", plate, "-o", "fg.mov").code == 0
    import av

    with av.open("fg.mov") as film:
        pictures = list(film.decode(video=0))
    assert len(pictures) == FRAMES
    assert pictures[0].format.name.startswith("yuva444p")


def test_given_mattes(typed: Typed, plate: Path) -> None:
    assert typed("key", plate, "--matte-out", "given/m.%04d.png").code == 0
    assert typed("key", plate, "--matte", "given", "--matte-out", "again.png").code == 0
    first = cv2.imread("given/m.0002.png", cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(cv2.imread("again.000002.png", cv2.IMREAD_UNCHANGED), first)
    Path("given/m.0003.png").unlink()
    said = typed("key", plate, "--matte", "given", "-o", "x.mov")
    assert said.code == 1
    assert "3 mattes for the clip's 4 frames" in said.err
    assert not Path("x.mov").exists()


def test_boxes_and_painted_guides(typed: Typed, plate: Path) -> None:
    paint = np.zeros((HEIGHT, WIDTH), np.uint8)
    paint[:, WIDTH // 3 :] = 255
    cv2.imwrite("paint.png", paint)
    said = typed("key", plate, "--garbage", "paint.png", "--core", "0,0,0.1,1", "--matte-out", "m.png")
    assert said.code == 0, said.err
    matte = cv2.imread("m.000000.png", cv2.IMREAD_UNCHANGED)
    assert matte[:, : WIDTH // 10].min() == 65535
    assert matte[:, WIDTH // 3 :].max() == 0
    cv2.imwrite("small.png", np.zeros((8, 8), np.uint8))
    for flag, word in (("--core", "small.png"), ("--holdout", "0,0,0,0"), ("--garbage", "nowhere.png")):
        said = typed("key", plate, flag, word, "--matte-out", "n.png")
        assert said.code in (1, 2)
        assert "hint:" in said.err


def test_no_screen(typed: Typed, tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    grey = rng.random((HEIGHT, WIDTH, 1)).repeat(3, axis=2) * [0.8, 0.7, 0.65]
    said = typed("key", write(tmp_path / "street.mp4", [grey] * 3), "-o", "x.mov")
    assert said.code == 1
    assert "screen is in this shot" in said.err
    assert "--matte rembg" in said.err


def test_an_empty_matte(typed: Typed, tmp_path: Path) -> None:
    screen = Screen(Cloth(gradient=0.3, seed=33), WIDTH, HEIGHT)
    empty = [np.clip(srgb_from_linear(screen.frame(0)), 0, 1)] * 3
    said = typed("key", write(tmp_path / "empty.mp4", empty), "-o", "x.mov")
    assert said.code == 1
    assert "The matte is empty" in said.err
    assert not Path("x.mov").exists()


def test_wearing_the_screens_colour(typed: Typed, tmp_path: Path, plate: Path) -> None:
    green = replace(Look(seed=34, strands=60), shirt=(0.09, 0.27, 0.1))
    film = write(tmp_path / "green.mp4", plates(green))
    said = typed("key", film, "--matte-out", "x.png")
    assert "has the colour of the screen" in said.err
    assert "--core" in said.err
    assert "has the colour" not in typed("key", plate, "--matte-out", "y.png").err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "nothing to write"),
        (("-o", "fg.mp4"), "ProRes 4444"),
        (("-o", "fg.mov", "--screen", "mauve"), "#rrggbb"),
        (("-o", "fg.mov", "--black", "0.9", "--white", "0.1"), "no range"),
        (("-o", "fg.mov", "--matte", "rembg:no-such-model"), "has no model"),
        (("-o", "fg.mov", "--matte", "nowhere"), "There are no mattes here"),
    ],
)
def test_commands_that_cannot_be_meant(typed: Typed, plate: Path, words: tuple[str, ...], told: str) -> None:
    if "rembg:no-such-model" in words:
        stand_in(None)
    said = typed("key", plate, *words)
    assert said.code == 2
    assert told in said.err
    assert not Path("fg.mov").exists()


class Network:
    """Stands in for one of rembg's sessions: what is not green is the subject."""

    @classmethod
    def name(cls) -> str:
        return "isnet-general-use"

    @classmethod
    def resolve_existing(cls, name: str) -> None:
        return None

    def predict(self, picture: object) -> list[object]:
        from PIL import Image

        codes = np.asarray(picture, np.float32)
        return [Image.fromarray(np.where(codes[..., 1] > codes[..., 0] + 20, 0, 255).astype(np.uint8))]


def stand_in(failure: type[BaseException] | None) -> None:
    """Puts a small package in rembg's place: the real one compiles for most of a minute."""
    from types import ModuleType

    rembg, sessions = ModuleType("rembg"), ModuleType("rembg.sessions")
    rembg.new_session = lambda model: Network()  # type: ignore[attr-defined]
    sessions.sessions_class = [Network]  # type: ignore[attr-defined]
    if failure is not None:
        sys.modules["rembg"] = _Failing("rembg", failure)
        return
    sys.modules.update({"rembg": rembg, "rembg.sessions": sessions})


def _Failing(name: str, failure: type[BaseException]):  # type: ignore[no-untyped-def]
    from types import ModuleType

    class Module(ModuleType):
        def __getattr__(self, attribute: str) -> object:
            raise failure(1)

    return Module(name)


@pytest.fixture(autouse=True)
def _rembg_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("rembg", "rembg.sessions"):
        monkeypatch.setitem(sys.modules, name, sys.modules.get(name))
        if sys.modules[name] is None:
            monkeypatch.delitem(sys.modules, name)


def test_rembgs_mattes(typed: Typed, plate: Path, truth: np.ndarray) -> None:
    stand_in(None)
    assert typed("key", plate, "--matte", "rembg", "--matte-out", "m.png").code == 0
    matte = cv2.imread("m.000001.png", cv2.IMREAD_UNCHANGED) / 65535
    assert np.abs(matte - truth).mean() < 0.06


def test_no_network_is_fetched_offline(typed: Typed, plate: Path) -> None:
    stand_in(None)
    said = typed("key", plate, "--matte", "rembg", "--offline", "-o", "x.mov")
    assert said.code == 1
    assert "does not lie on this machine" in said.err


def test_rembg_that_ends_the_process_ends_nothing(typed: Typed, plate: Path) -> None:
    stand_in(SystemExit)
    said = typed("key", plate, "--matte", "rembg", "-o", "x.mov")
    assert said.code == 1
    assert "scripts/install matte" in said.err


def test_rembg_itself_runs_a_network_given_by_its_path(
    plate: Path, truth: np.ndarray, tmp_path: Path
) -> None:
    """A network of U2-Net's shape with three weights: what is not green. Everything else is rembg's own."""
    import os
    import subprocess

    import onnx
    from onnx import TensorProto, helper

    picture, mask = (
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, channels, 320, 320])
        for name, channels in (("in", 3), ("out", 1))
    )
    weights = helper.make_tensor("w", TensorProto.FLOAT, [1, 3, 1, 1], [0.5, -1.0, 0.5])
    nodes = [helper.make_node("Conv", ["in", "w"], ["c"]), helper.make_node("Sigmoid", ["c"], ["out"])]
    graph = helper.make_graph(nodes, "mine", [picture], [mask], [weights])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)
    onnx.save(model, str(tmp_path / "mine.onnx"))
    (tmp_path / "junk.onnx").write_bytes(b"junk")

    def key(network: str) -> subprocess.CompletedProcess[str]:
        words = ["key", plate, "--matte", f"rembg:{tmp_path / network}", "--end", "2f"]
        out = ["--matte-out", tmp_path / "m.%06d.png", "--no-progress", "-y"]
        return subprocess.run(
            [sys.executable, "-m", "stylize.cli", *map(str, [*words, *out])],
            env=os.environ | {"NUMBA_DISABLE_JIT": "1"},  # rembg's own import compiles for most of a minute
            capture_output=True,
            text=True,
        )

    said = key("mine.onnx")
    assert said.returncode == 0, said.stderr
    matte = cv2.imread(str(tmp_path / "m.000001.png"), cv2.IMREAD_UNCHANGED) / 65535
    assert matte[truth == 1].mean() > matte[truth == 0].mean() + 0.3
    for network, says in (("junk.onnx", "cannot be loaded"), ("gone.onnx", "no such network")):
        wrong = key(network)
        assert wrong.returncode in (1, 2)
        assert says in wrong.stderr
        assert "hint:" in wrong.stderr
