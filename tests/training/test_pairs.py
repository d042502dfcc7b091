"""Crops of prepared pairs: twins show the same, captions say what is drawn, pairs may still be in the making."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from stylize.errors import UsageError
from training.base import pair_loader
from training.base.attributes import Attributes
from training.base.cels import Cels, read_cels
from training.base.critic import Critic
from training.base.hard_shots import HardShots, move
from training.base.loss import drawing_loss, step_loss, twin_loss
from training.base.pair_crops import _caption, cut_crops
from training.base.pair_folder import LISTING, pair_path
from training.base.pair_loader import PairLoader, PairSources
from training.base.recipe import BaseRecipe
from training.base.rendered_pairs import write_rendered_pairs
from training.base.sensor import blur, compress, simulate_sensor

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("rendered")
    write_rendered_pairs(out, 6, 80)
    return out


@pytest.fixture(scope="module")
def sources(folder: Path) -> PairSources:
    return PairSources.load(folder, folder, CPU)


def test_cels_come_back_from_the_disk(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    planes = [rng.integers(0, 256, (8, 10, 3)).astype(np.float32) / 255 for _ in range(5)]
    Cels(*planes).write(tmp_path / "one.png")
    assert np.array_equal(read_cels(tmp_path / "one.png"), np.rint(255 * np.stack(planes)).astype(np.uint8))


def test_twins_show_the_same_moved_by_the_shift(sources: PairSources) -> None:
    cut = cut_crops(sources, 8, 64, 0.5, 1.0, 5)
    down, right = cut.shift
    one, other = cut.drawn.chunk(2)
    assert torch.equal(one[..., down:, right:], other[..., : 64 - down, : 64 - right])
    assert cut.captions[:4] == cut.captions[4:]
    seen, again = cut.photo.chunk(2)
    assert not torch.equal(seen[..., down:, right:], again[..., : 64 - down, : 64 - right])


def test_crops_depend_on_their_seed_alone(sources: PairSources) -> None:
    one, same, other = (cut_crops(sources, 4, 64, 0.3, 1.0, seed) for seed in (1, 1, 2))
    assert torch.equal(one.photo, same.photo)
    assert torch.equal(one.drawn, same.drawn)
    assert one.captions == same.captions
    assert not torch.equal(one.photo, other.photo)


def test_only_the_ready_share_is_drawn_from(sources: PairSources, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    first = PairLoader.first
    monkeypatch.setattr(PairLoader, "first", lambda self, count: asked.append(count) or first(self, count))
    cut_crops(sources, 4, 64, 0.5, 0.5, 0)
    assert asked == [3, 3]


def test_pairs_may_still_be_made_while_they_are_read(folder: Path, tmp_path: Path) -> None:
    (tmp_path / LISTING).write_text((folder / LISTING).read_text())

    def make() -> None:
        for number in range(6):
            time.sleep(0.02)
            tmp = tmp_path / "tmp"
            tmp.write_bytes(pair_path(folder, number).read_bytes())
            tmp.replace(pair_path(tmp_path, number))

    pairs = PairLoader(tmp_path, CPU)
    threading.Thread(target=make).start()
    assert len(pairs.first(4)) == 4
    assert len(pairs.first(100)) == 6


def test_a_pair_that_does_not_come_is_named(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pair_loader, "PATIENCE_S", 0.0)
    (tmp_path / LISTING).write_text((folder / LISTING).read_text())
    with pytest.raises(UsageError, match=r"000000\.png is missing"):
        PairLoader(tmp_path, CPU).first(1)


def test_a_broken_pair_is_named(folder: Path, tmp_path: Path) -> None:
    (tmp_path / LISTING).write_text((folder / LISTING).read_text())
    pair_path(tmp_path, 0).write_bytes(b"no picture")
    with pytest.raises(UsageError, match="missing or broken"):
        PairLoader(tmp_path, CPU).first(1)


def test_a_folder_without_pairs_says_how_to_make_them(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no prepared pairs"):
        PairLoader(tmp_path, CPU)


def test_a_folder_holds_pairs_of_one_origin(folder: Path) -> None:
    with pytest.raises(UsageError, match="made differently"):
        write_rendered_pairs(folder, 6, 96)


def test_captions_name_what_is_not_usual() -> None:
    rng = np.random.default_rng(0)
    attributes = Attributes("warm", "thick")
    said = {_caption(attributes, rng) for _ in range(40)}
    assert all("warm palette" in caption and "thick lines" in caption for caption in said)
    assert "anime, warm palette, thick lines" in said
    assert "anime" in {_caption(Attributes(), rng) for _ in range(20)}


def test_twins_drawn_alike_cost_nothing() -> None:
    picture = torch.rand(2, 3, 40, 40)
    twins = torch.cat([picture[..., :36, :36], picture[..., 2:38, 1:37]])
    assert twin_loss(twins, (2, 1)) == 0
    assert twin_loss(twins, (0, 0)) > 0.01


def test_the_share_that_is_ready_grows_to_all() -> None:
    recipe = BaseRecipe(steps=100, ready=0.2, ready_by=0.5)
    assert [recipe.ready_share(step) for step in (0, 25, 50, 99)] == pytest.approx([0.2, 0.6, 1.0, 1.0])


def test_the_codec_is_jpeg() -> None:
    """The same picture through OpenCV's JPEG: what is lost is as much, and lost in the same places."""
    rng = np.random.default_rng(0)
    picture = cv2.GaussianBlur(rng.random((64, 64, 3), np.float32), (0, 0), 1.2)
    picture = np.clip((picture - 0.5) * 2 + 0.5, 0, 1)
    ours = compress(torch.from_numpy(picture).permute(2, 0, 1)[None], torch.tensor([50.0]))[0]
    levels = np.rint(picture[..., ::-1] * 255).astype(np.uint8)
    coded = cv2.imencode(".jpg", levels, [cv2.IMWRITE_JPEG_QUALITY, 50])[1]
    theirs = cv2.imdecode(coded, cv2.IMREAD_COLOR)[..., ::-1].astype(np.float32) / 255
    apart = np.abs(ours.permute(1, 2, 0).numpy() - theirs).mean()
    assert apart < 0.25 * np.abs(theirs - picture).mean()


def test_each_picture_is_blurred_by_its_own_sigma() -> None:
    line = torch.zeros(2, 3, 32, 32)
    line[..., 16] = 1
    soft = blur(line, torch.tensor([0.0, 0.8]).view(-1, 1, 1, 1))
    torch.testing.assert_close(soft[0], line[0])
    assert 0.4 < soft[1, 0, 16, 16] < 0.6


def test_a_sensor_spares_no_batch_and_stays_in_range() -> None:
    photo = torch.full((16, 3, 32, 32), 0.5)
    seen = simulate_sensor(photo, np.random.default_rng(0), torch.Generator().manual_seed(0))
    assert seen.min() >= 0
    assert seen.max() <= 1
    noise = seen.std(dim=(1, 2, 3))
    assert noise.max() > 0.01
    assert noise.min() < 0.003


def test_a_step_costs_less_than_the_ramp_that_is_nearer() -> None:
    """Where the place of a step is unsure, its mean is a ramp; only the count of changes prefers a step."""
    x = torch.arange(64.0)
    steps = [torch.where(x < at, -0.4, 0.4).expand(1, 3, 64, 64) for at in (28, 32, 36)]
    ramp = torch.stack(steps).mean(dim=0)
    ramp = torch.nn.functional.avg_pool2d(ramp, (1, 9), stride=1, padding=(0, 4), count_include_pad=False)
    beside = torch.where(x < 30, -0.4, 0.4).expand(1, 3, 64, 64)
    by_pixel, by_step = (
        [torch.stack([loss(guess, truth) for truth in steps]).mean() for guess in (ramp, beside)]
        for loss in (lambda a, b: drawing_loss(a, b, 0.0, 0.0), step_loss)
    )
    assert by_pixel[0] < 1.2 * by_pixel[1]
    assert by_step[1] < 0.5 * by_step[0]
    assert step_loss(steps[0], steps[0]) == 0


def test_hard_shots_are_dark_on_both_sides_and_moved_in_the_photograph(sources: PairSources) -> None:
    plain, dark, moved = (
        cut_crops(sources, 16, 64, 0.0, 1.0, 3, hard)
        for hard in (HardShots(), HardShots(dark=1.0), HardShots(moved=1.0))
    )
    for name in ("photo", "drawn"):
        assert getattr(dark, name).mean() < 0.85 * getattr(plain, name).mean()
    assert torch.equal(moved.drawn, plain.drawn)
    assert not torch.equal(moved.photo, plain.photo)


def test_a_movement_blurs_along_one_line() -> None:
    dot = torch.zeros(1, 3, 33, 33)
    dot[..., 16, 16] = 1
    spread = move(dot, np.random.default_rng(0), 1.0)[0, 0] > 0
    y, x = np.nonzero(spread.numpy())
    assert len(x) >= 3
    along, across = np.linalg.svd(np.stack([x - 16, y - 16]).astype(float), compute_uv=False)
    assert along > 1.5 > across
    assert torch.equal(move(dot, np.random.default_rng(0), 0.0), dot)


def test_a_critic_learns_to_tell_a_ramp_from_a_step() -> None:
    torch.manual_seed(0)
    x = torch.linspace(-1, 1, 64).expand(4, 3, 64, 64)
    photo, ramp, step = x * 0.8, x * 0.8, torch.where(x > 0, 0.4, -0.4)
    judge = Critic(CPU)
    for _ in range(60):
        judge.learn(photo, ramp, step)
    with torch.no_grad():
        untrue, true = (judge.network(photo, picture)[0].mean() for picture in (ramp, step))
    assert true > untrue + 0.5
    guess = ramp.clone().requires_grad_(True)
    assert judge.loss(photo, guess, step, 0) == 0
    judge.loss(photo, guess, step, 10_000).backward()
    better = (guess - 0.5 * guess.grad.sign() * 0.1).detach()
    assert judge.loss(photo, better, step, 10_000) < judge.loss(photo, ramp, step, 10_000)
