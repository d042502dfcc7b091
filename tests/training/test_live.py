"""Live trainings: the network, its pairs, its losses, a training that is resumed, and the model that it ends in."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from stylize.config.settings import RunSettings
from stylize.config.style import Finish
from stylize.edge.live.generator import LiveDrawer
from stylize.edge.quantize.measure import psnr
from stylize.errors import UsageError
from stylize.generators.resolve import resolve, resolve_config
from tests.live_model import write_pattern
from training.live.crops import LiveBatch, PairSet
from training.live.export import LiveFacts, export_live
from training.live.network import SHAPES, BranchedConv, LiveNetwork, Shape, plain_network
from training.live.objective import line_loss, live_loss, temporal_loss, warp_back
from training.live.pairs import fingerprint_pairs, read_pair, write_pair
from training.live.prepare import note_made_from, teacher_of
from training.live.recipe import LiveRecipe
from training.live.rendered import write_rendered_pairs
from training.live.teacher import Teacher, film_plates
from training.live.train import LiveStep, LiveTraining, trained_network

TINY = LiveRecipe(network="s", steps=4, batch=3, crop=64, warmup=0, keep_every=1, sheet_every=100)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pairs whose drawing is a darker frame: something that is quickly learnt."""
    folder = tmp_path_factory.mktemp("pairs")
    rng = np.random.default_rng(0)
    for number in range(3):
        coarse = rng.random((12, 16, 3)).astype(np.float32)
        frame = np.kron(coarse, np.ones((8, 8, 1), np.float32))
        write_pair(folder / "taught" / f"{number}.png", frame, np.roll(frame, 2, axis=1), 0.6 * frame)
    return folder


def test_the_plain_network_draws_the_same() -> None:
    torch.manual_seed(0)
    network = LiveNetwork(SHAPES["s"])
    for layer in network.modules():
        if isinstance(layer, BranchedConv):
            torch.nn.init.normal_(layer.point, std=0.05)
    plain = plain_network(network)
    assert not any(isinstance(layer, BranchedConv) for layer in plain.modules())
    picture = torch.rand(1, 3, 32, 48)
    torch.testing.assert_close(plain(picture), network(picture))


def test_sizes_are_three_and_grow() -> None:
    counts = [sum(p.numel() for p in plain_network(LiveNetwork(SHAPES[name])).parameters()) for name in "sml"]  # type: ignore[index]
    assert counts == sorted(counts)
    assert counts[-1] < 700_000


def test_pairs_come_back_as_they_were_written(tmp_path: Path) -> None:
    frame, after, drawn = np.random.default_rng(1).random((3, 10, 14, 3)).astype(np.float32)
    write_pair(tmp_path / "pair.png", frame, after, drawn)
    pair = read_pair(tmp_path / "pair.png")
    for stored, given in ((pair.frame, frame), (pair.after, after), (pair.drawn, drawn)):
        np.testing.assert_allclose(stored / 255, given, atol=0.5 / 255 + 1e-6)
    (tmp_path / "pair.png").write_bytes(b"no picture")
    with pytest.raises(UsageError, match="broken"):
        read_pair(tmp_path / "pair.png")


def test_a_batch_depends_on_its_step_alone(folder: Path) -> None:
    pairs = PairSet(folder)
    one, other = pairs.batch(TINY, 7), pairs.batch(TINY, 7)
    for name in vars(one):
        torch.testing.assert_close(getattr(one, name), getattr(other, name), rtol=0, atol=0)
    assert not torch.equal(one.frame, pairs.batch(TINY, 8).frame)
    assert one.frame.shape == (3, 3, 64, 64)
    assert one.after.shape[0] == 1


def test_the_flow_leads_from_the_frame_to_the_one_after(folder: Path) -> None:
    batch = PairSet(folder).batch(TINY, 3)
    moved = warp_back(batch.after, batch.flow)
    still = (batch.after - batch.frame[:1]).abs().mean()
    assert (moved - batch.frame[:1]).abs().mean() < 0.6 * still


def test_a_drawing_that_moves_with_its_source_has_no_temporal_loss() -> None:
    torch.manual_seed(0)
    drawing = torch.rand(1, 3, 32, 32)
    after = torch.roll(drawing, 2, dims=3)
    flow = torch.zeros(1, 32, 32, 2)
    flow[..., 0] = 2
    seen = torch.zeros(1, 1, 32, 32)
    seen[..., 4:-4] = 1
    batch = LiveBatch(drawing, drawing, after, flow, seen)
    assert temporal_loss(drawing, after, batch) < 1e-5
    assert temporal_loss(drawing, drawing, batch) > 0.1


def test_a_crisp_line_beside_its_place_costs_less_than_a_soft_one() -> None:
    def line(at: float, width: float) -> torch.Tensor:
        x = torch.arange(64, dtype=torch.float32)
        dark = torch.exp(-((x - at) ** 2) / (2 * width**2)) / width
        return (0.9 - 0.7 * dark / 0.8).expand(1, 3, 64, 64)

    truth = line(31, 0.8)
    assert line_loss(line(32, 0.8), truth) < 0.5 * line_loss(line(31, 2.5), truth)


def test_a_training_learns(folder: Path, tmp_path: Path) -> None:
    steps: list[LiveStep] = []
    recipe = TINY.model_copy(update={"steps": 30, "rate": 5e-3})
    pairs = PairSet(folder)
    training = LiveTraining(recipe, tmp_path, "pairs")
    before = float(live_loss(training.network, pairs.batch(recipe, 1000), recipe)[0].detach())
    training.run(pairs, steps.append)
    after = float(live_loss(training.network, pairs.batch(recipe, 1000), recipe)[0].detach())
    assert after < 0.8 * before
    assert [step.number for step in steps] == [10, 20, 30]
    assert (tmp_path / "sheets" / "000030.jpg").is_file()


def test_a_training_that_was_stopped_ends_in_the_same_weights(folder: Path, tmp_path: Path) -> None:
    class Stopped(Exception):
        pass

    pairs, recipe = PairSet(folder), TINY.model_copy(update={"steps": 14})
    whole = LiveTraining(recipe, tmp_path / "whole", "pairs").run(pairs, lambda step: None)

    def stop(step: LiveStep) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        LiveTraining(recipe, tmp_path / "parts", "pairs").run(pairs, stop)
    resumed = LiveTraining(recipe, tmp_path / "parts", "pairs")
    assert resumed.steps == 9
    parts = resumed.run(pairs, lambda step: None)
    for one, other in zip(whole.parameters(), parts.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=0)
    with pytest.raises(UsageError, match="rate"):
        LiveTraining(recipe.model_copy(update={"rate": 1e-4}), tmp_path / "parts", "pairs")


def test_a_training_that_is_over_does_not_count_pairs_that_came_later(folder: Path, tmp_path: Path) -> None:
    """It would take no step, and its model would say that it learnt from them."""
    pairs = PairSet(folder)
    LiveTraining(TINY, tmp_path, fingerprint_pairs(folder)).run(pairs, lambda step: None)
    assert LiveTraining(TINY, tmp_path, fingerprint_pairs(folder)).steps == 4
    more = shutil.copytree(folder, tmp_path / "more")
    shutil.copy(more / "taught" / "0.png", more / "taught" / "3.png")
    with pytest.raises(UsageError, match="its pairs have been added to"):
        LiveTraining(TINY, tmp_path, fingerprint_pairs(more))
    longer = TINY.model_copy(update={"steps": 6})
    assert LiveTraining(longer, tmp_path, fingerprint_pairs(more)).steps == 4


def test_pairs_of_another_teacher_are_not_learnt_from(tmp_path: Path) -> None:
    teachers = {side: teacher_of(resolve(RunSettings(size=side, device="cpu"))) for side in (64, 96)}
    note_made_from(tmp_path, teachers[64], [])
    note_made_from(tmp_path, teachers[64], [])
    with pytest.raises(UsageError, match="drawn by another model"):
        note_made_from(tmp_path, teachers[96], [])
    note_made_from(tmp_path / "shorter", teachers[96], [])


def test_footage_of_one_name_has_pairs_of_its_own(tmp_path: Path) -> None:
    clips = [tmp_path / folder / "clip.mp4" for folder in "ab"]
    for clip in clips:
        clip.parent.mkdir()
        clip.write_bytes(clip.parent.name.encode())
    pairs = tmp_path / "pairs"
    assert note_made_from(pairs, "teacher", clips[1:]) == {"clip": clips[1]}
    named = note_made_from(pairs, "teacher", clips)
    assert named["clip"] == clips[1]
    assert len(named) == 2
    assert note_made_from(pairs, "teacher", clips[::-1]) == named
    with pytest.raises(UsageError, match="footage that is not given now"):
        note_made_from(pairs, "teacher", clips[:1])
    clips[0].write_bytes(b"another")
    with pytest.raises(UsageError, match="has changed since"):
        note_made_from(pairs, "teacher", clips)


def test_a_trained_network_becomes_a_model(folder: Path, tmp_path: Path) -> None:
    pairs = PairSet(folder)
    LiveTraining(TINY, tmp_path, "pairs").run(pairs, lambda step: None)
    network = trained_network(tmp_path)
    manifest = export_live(
        network, LiveFacts("anime", "s", "a test", 4, 3), pairs, tmp_path / "model", touch_up_steps=2
    )
    assert manifest.name == "anime-s"
    picture = pairs.taught[0].frame[:48, :72].astype(np.float32) / 255
    exact = (
        network(torch.from_numpy(picture.transpose(2, 0, 1))[None])[0].numpy().transpose(1, 2, 0).clip(0, 1)
    )
    for engine in ("openvino", "onnxruntime"):
        drawn = LiveDrawer.load(tmp_path / "model", "float", engine).draw(picture)
        assert psnr(drawn, exact) > 60
        assert psnr(LiveDrawer.load(tmp_path / "model", "int8", engine).draw(picture), exact) > 30


def test_a_training_of_another_version_is_neither_resumed_nor_begun_from(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with monkeypatch.context() as then:
        then.setitem(SHAPES, "s", Shape((16, 24, 48), 1, 4, (1, 1)))
        LiveTraining(TINY, tmp_path, "pairs")._save()
    for use in (trained_network, lambda folder: LiveTraining(TINY, folder, "pairs")):
        with pytest.raises(UsageError, match="another version"):
            use(tmp_path)


def test_a_teacher_draws_frames_of_a_film_and_their_neighbours(tmp_path: Path) -> None:
    clip = write_pattern(tmp_path / "clip.mp4", frames=8, size=(96, 64))
    plates = list(film_plates(clip, 2, "clip"))
    assert [plate.number for plate in plates] == [2, 6]
    assert all(np.abs(plate.after - plate.frame).mean() > 0.001 for plate in plates)
    config = resolve_config(RunSettings(size=64))

    class Copies:
        def __init__(self) -> None:
            self.config = config

        def draw(self, plates: list[np.ndarray], indices: list[int], shot: object) -> list[np.ndarray]:
            return plates

    drawn = Teacher(Copies(), config).draw(plates[0])  # type: ignore[arg-type]
    assert drawn.shape == (64, 96, 3)
    assert np.abs(drawn - plates[0].frame).mean() > 0.005, "the style's finish is part of the teacher"


def test_rendered_pairs_depend_on_their_number_alone(tmp_path: Path) -> None:
    write_rendered_pairs(tmp_path / "one", 1, Finish())
    write_rendered_pairs(tmp_path / "two", 1, Finish())
    assert (tmp_path / "one" / "000000.png").read_bytes() == (tmp_path / "two" / "000000.png").read_bytes()
