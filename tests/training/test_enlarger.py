"""The network that enlarges drawings: its input, its crops, a training, and networks begun from smaller ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from training.live.enlarger import EnlargerNetwork
from training.live.enlarger_pairs import EnlargerPairs, halve, join_planes
from training.live.network import SHAPES, LiveNetwork, Shape, plain_network
from training.live.objective import live_loss
from training.live.pairs import write_pair
from training.live.recipe import LiveRecipe
from training.live.train import LiveStep, LiveTraining
from training.live.widen import widen

TINY = LiveRecipe(network="x2", steps=30, batch=3, crop=64, rate=5e-3, warmup=0, sheet_every=100)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pairs of flat patches with crisp edges, drawn darker than they are filmed."""
    folder = tmp_path_factory.mktemp("pairs")
    rng = np.random.default_rng(0)
    for number in range(3):
        frame = np.kron(rng.random((11, 15, 3)), np.ones((13, 13, 1))).astype(np.float32)
        write_pair(folder / "rendered" / f"{number}.png", frame, frame, 0.6 * frame)
    return folder


def test_a_drawing_is_enlarged_twice_and_the_plain_network_does_the_same() -> None:
    torch.manual_seed(0)
    network = EnlargerNetwork()
    given = torch.rand(2, 7, 12, 10)
    assert network(given).shape == (2, 3, 24, 20)
    torch.testing.assert_close(plain_network(network)(given), network(given))


def test_the_input_holds_the_drawing_and_four_pixels_of_the_photograph_a_place() -> None:
    drawn, photo = torch.rand(1, 3, 8, 8), torch.rand(1, 3, 8, 8)
    given = join_planes(halve(drawn), photo)
    assert given.shape == (1, 7, 4, 4)
    luma = (photo * torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)).sum(dim=1)
    torch.testing.assert_close(given[0, 3:, 1, 2], luma[0, 2:4, 4:6].flatten())
    torch.testing.assert_close(given[0, :3, 0, 0], drawn[0, :, :2, :2].mean(dim=(1, 2)))


def test_a_batch_depends_on_its_step_alone(folder: Path) -> None:
    pairs = EnlargerPairs(folder)
    one, other = pairs.batch(TINY, 7), pairs.batch(TINY, 7)
    torch.testing.assert_close(one.frame, other.frame, rtol=0, atol=0)
    assert not torch.equal(one.frame, pairs.batch(TINY, 8).frame)
    assert one.frame.shape == (3, 7, 32, 32)
    assert one.drawn.shape == (3, 3, 64, 64)


def test_a_training_learns_and_shows_a_sheet(folder: Path, tmp_path: Path) -> None:
    steps: list[LiveStep] = []
    pairs = EnlargerPairs(folder)
    training = LiveTraining(TINY, tmp_path, "pairs")
    batch = pairs.batch(TINY, 1000)
    before = float(live_loss(training.network, batch, TINY)[0].detach())
    training.run(pairs, steps.append)
    assert float(live_loss(training.network, batch, TINY)[0].detach()) < 0.8 * before
    assert (tmp_path / "sheets" / "000030.jpg").is_file()


@pytest.mark.parametrize(("deeper", "off"), [(0, 1e-5), (2, 2e-2)])
def test_a_widened_network_draws_what_the_smaller_one_drew(deeper: int, off: float) -> None:
    torch.manual_seed(0)
    shape = SHAPES["m"]
    small = LiveNetwork(shape)
    large = LiveNetwork(Shape((32, 40, 72), shape.down, shape.deep + deeper, shape.up))
    picture = torch.rand(1, 3, 32, 32)
    assert (large(picture) - small(picture)).abs().max() > 5e-2
    widen(large, small)
    torch.testing.assert_close(large(picture), small(picture), atol=off, rtol=0)
    (large(picture) - torch.rand_like(picture)).square().mean().backward()
    reads_new_channels = large.at_half[0].conv.weight
    assert reads_new_channels.grad is not None
    assert reads_new_channels.grad[:, -1].abs().max() > 0  # so they come to be of use
