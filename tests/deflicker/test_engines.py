"""Both engines, the network's flow, and the perceptual metric."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from benchmarks.steady.film import Film
from deflicker import SteadyBackend, SteadySettings, choose_backend, metrics, steady
from deflicker.arrays import pack, unpack
from deflicker.engine import OpenCVEngine, View
from deflicker.lpips import Lpips
from deflicker.raft import RAFT
from deflicker.registered import RegisteredDIS
from deflicker.torch_engine import TorchEngine
from deflicker.warp import enlarged_rows, resize_flow


@pytest.fixture(autouse=True)
def one_torch_thread() -> None:
    torch.set_num_threads(1)


def views(film: Film) -> list[View]:
    """Own and neighbours: packed and not, on coarse grids and not, flowing beyond the frame."""
    rng = np.random.default_rng(5)
    flow = cv2.GaussianBlur(rng.normal(0, 40, (72, 128, 2)).astype(np.float32), (0, 0), 6)
    sure = rng.random((72, 128)).astype(np.float32)
    change = rng.normal(0, 0.02, (18, 32, 3)).astype(np.float32)
    coarse = [(np.rint(frame * 255) / 255).astype(np.float32) for frame in film.drawn]
    return [
        View(film.drawn[2], change=change),
        View(pack(coarse[3]), flow, sure, change),
        View(film.drawn[4], resize_flow(flow, 144, 256), cv2.resize(sure, (256, 144))),
        View(pack(coarse[5]), np.full((72, 128, 2), 30.0, np.float32)),
    ]


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_engines_agree(film: Film, count: int) -> None:
    chosen = views(film)[:count]
    one, other = OpenCVEngine().fuse(chosen, 0.5), TorchEngine("cpu").fuse(chosen, 0.5)
    assert one.shape == other.shape == film.drawn[0].shape
    assert other.dtype == np.float32
    np.testing.assert_allclose(one, other, atol=0.1 / 255)


def test_a_film_is_the_same_by_either_engine(film: Film) -> None:
    settings = SteadySettings(offsets=(1,), colour_offsets=(1,), far_offsets=(2,), guide_height=96)
    drawn, source = film.drawn[:6], film.source[:6]
    engines = (OpenCVEngine(), TorchEngine("cpu"))
    frames = [list(steady(drawn, source, [(0, 6)], settings, engine=engine)) for engine in engines]
    apart = np.abs(np.subtract(*frames)).max(axis=-1)
    assert apart.mean() < 0.02 / 255
    assert (apart > 1 / 255).mean() < 0.001  # where the last bits decide how a sketch in 8 bits is rounded


def test_rows_are_enlarged_as_the_whole_is() -> None:
    field = np.random.default_rng(1).random((17, 23, 2)).astype(np.float32)
    whole = cv2.resize(field, (61, 50), interpolation=cv2.INTER_LINEAR)
    np.testing.assert_allclose(enlarged_rows(field, (50, 61), 12, 31), whole[12:31], atol=1e-5)
    assert np.array_equal(enlarged_rows(field, (17, 23), 3, 9), field[3:9])


@pytest.mark.parametrize(("levels", "kind"), [(255, np.uint8), (65535, np.uint16)])
def test_frames_are_kept_in_the_bytes_they_came_from(levels: int, kind: type) -> None:
    frame = np.random.default_rng(2).integers(0, levels + 1, (9, 7, 3)).astype(np.float32) / levels
    assert pack(frame).dtype == kind
    np.testing.assert_allclose(unpack(pack(frame)), frame, atol=1e-6)


def test_frames_of_other_values_are_kept_as_they_are() -> None:
    frame = np.random.default_rng(2).normal(0.5, 0.3, (9, 7, 3)).astype(np.float32)
    assert np.array_equal(unpack(pack(frame)), frame)


def test_a_processor_steadies_with_opencv_and_dis_whatever_else_is_given() -> None:
    for backend in (choose_backend(), choose_backend("cpu"), choose_backend("openvino", raft="raft.pth")):
        assert backend == SteadyBackend("opencv", "dis", "cpu")
        engine, flow = backend.load(height=200)
        assert isinstance(engine, OpenCVEngine)
        assert flow == RegisteredDIS(200)


@pytest.mark.parametrize("device", ["cuda", "cuda:1", "mps"])
def test_a_graphics_card_steadies_with_torch_and_with_raft_where_there_are_weights(device: str) -> None:
    assert choose_backend(device) == SteadyBackend("torch", "dis", device)
    assert choose_backend(device, "raft.pth") == SteadyBackend("torch", "raft", device, Path("raft.pth"))


def test_a_backend_loads_what_it_names(tmp_path: Path) -> None:
    from safetensors.torch import save_file
    from torchvision.models.optical_flow import raft_small

    engine, flow = SteadyBackend("torch", "dis", "cpu").load(height=384)
    assert isinstance(engine, TorchEngine)
    assert flow == RegisteredDIS(384)
    save_file(raft_small(weights=None).state_dict(), tmp_path / "raft.safetensors")
    _, flow = SteadyBackend("torch", "raft", "cpu", tmp_path / "raft.safetensors").load(height=384)
    assert isinstance(flow, RAFT)


def test_no_such_device() -> None:
    with pytest.raises(ValueError, match="cannot use 'cuda:99'"):
        TorchEngine("cuda:99")


def test_raft_with_the_authors_weights_follows_a_scene(film: Film, shared_data: Path) -> None:
    checkpoint = shared_data / "weights" / "raft-small.pth"
    if not checkpoint.is_file():
        pytest.skip("no checkpoint here")
    exact, seen = film.exact_flow(3, 4)
    flow = RAFT(checkpoint, "cpu", updates=5)(film.source[3], film.source[4])
    assert flow.shape == exact.shape
    assert flow.dtype == np.float32
    miss = np.linalg.norm(flow - exact, axis=-1)[seen]
    assert miss.mean() < 0.4 * np.linalg.norm(exact, axis=-1)[seen].mean()


def test_raft_reads_torchvisions_names_from_safetensors(tmp_path: Path, film: Film) -> None:
    from safetensors.torch import save_file
    from torchvision.models.optical_flow import raft_small

    torch.manual_seed(0)
    path = tmp_path / "raft.safetensors"
    save_file(raft_small(weights=None).state_dict(), path)
    odd = film.source[0][:45, :61]
    assert RAFT(path, "cpu", updates=1)(odd, odd).shape == (45, 61, 2)


def test_what_is_no_raft_checkpoint_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"there is no .*nowhere.pth: give the path"):
        RAFT(tmp_path / "nowhere.pth")
    torch.save({"a": torch.zeros(3)}, tmp_path / "other.pth")
    with pytest.raises(ValueError, match="is no RAFT checkpoint"):
        RAFT(tmp_path / "other.pth")
    torch.save({"a": Path("/")}, tmp_path / "pickle.pth")
    with pytest.raises(ValueError, match="holds more or less than tensors"):
        RAFT(tmp_path / "pickle.pth")
    (tmp_path / "torn.safetensors").write_bytes(b"\x00" * 20)
    with pytest.raises(ValueError, match="holds more or less than tensors"):
        RAFT(tmp_path / "torn.safetensors")


def lpips(folder: Path) -> Lpips:
    """With weights that are random, in the form of the real ones."""
    from torchvision.models import alexnet

    torch.manual_seed(0)
    torch.save(alexnet(weights=None).state_dict(), folder / "alexnet.pth")
    linear = {
        f"lin{n}.model.1.weight": torch.rand(1, channels, 1, 1)
        for n, channels in enumerate((64, 192, 384, 256, 256))
    }
    torch.save(linear, folder / "alex.pth")
    return Lpips(folder / "alexnet.pth", folder / "alex.pth")


def test_lpips_and_its_temporal_difference(tmp_path: Path, film: Film) -> None:
    distance = lpips(tmp_path)
    clean, drawn = film.clean, film.drawn
    assert distance(clean[0], clean[0]) == 0
    assert distance(clean[0], drawn[0]) > 0
    assert metrics.perceptual_error((clean[0], clean[1]), (clean[0], clean[1]), distance) == 0
    expected = 100 * abs(distance(drawn[0], drawn[1]) - distance(clean[0], clean[1]))
    found = metrics.perceptual_error((drawn[0], drawn[1]), (clean[0], clean[1]), distance)
    assert found == pytest.approx(expected)
    with pytest.raises(ValueError, match="at least 64 px"):
        distance(clean[0][:20], clean[0][:20])
    with pytest.raises(ValueError, match="no lin0 of 64 weights"):
        Lpips(tmp_path / "alexnet.pth", tmp_path / "alexnet.pth")
    with pytest.raises(ValueError, match="is not torchvision's AlexNet"):
        Lpips(tmp_path / "alex.pth", tmp_path / "alex.pth")


def test_drift_is_told_from_flicker() -> None:
    rate, count = 24.0, 48
    still = [np.full((18, 32, 3), 0.5, np.float32)] * count
    for hertz, slow in ((1.0, True), (8.0, False)):
        film = [f + np.float32(0.1 * np.sin(2 * np.pi * hertz * n / rate)) for n, f in enumerate(still)]
        below, above = metrics.drift_energy(film, still, rate)
        assert (below if slow else above) == pytest.approx(0.005, rel=1e-3)
        assert (above if slow else below) < 1e-8
    with pytest.raises(ValueError, match="no reference of 3"):
        metrics.drift_energy(still, still[:3], rate)
