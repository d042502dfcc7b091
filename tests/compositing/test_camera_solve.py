"""The camera solver on marks and pictures whose camera is known."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import pytest

from benchmarks.camera import shot, slip
from compositing.camera.marks import Image, follow
from compositing.camera.solve import SolveSettings, solve_camera, solve_marks
from compositing.colour import srgb_from_linear
from compositing.errors import CannotSolve, MissingPackage
from examples.greenscreen.stage import WALL_Z, Stage, mark_places
from tests.compositing.studio import own_scale, path, places, seen

FPS = Fraction(24)


@pytest.mark.parametrize("k1", [0.0, -0.06])
def test_a_pan_is_solved_with_its_lens(k1: float) -> None:
    truth = path("rotation", k1=k1)
    solved = solve_marks(seen(truth, places(), strays=0.03), truth.size, FPS)
    assert solved.report.kind == "rotation"
    assert solved.report.mean_px < 0.35
    assert solved.report.explained > 0.9
    assert solved.report.focal_mm == pytest.approx(32.0, rel=0.02)
    assert solved.camera.distortion[0] == pytest.approx(k1, abs=0.01)
    assert np.percentile(slip(solved.camera, truth, places()), 99) < 0.5


def test_before_a_wall_the_lens_is_sought_to_the_valley_s_floor() -> None:
    """COLMAP's mapper stops at 24 mm here; the lens of the least error is within the marks' own uncertainty."""
    pytest.importorskip("pycolmap")
    size = (1280, 720)
    truth = shot("move", 24, size)
    marks = seen(truth, mark_places(), seed=0)
    solved = solve_marks(marks, size, FPS, settings=SolveSettings(kind="translating", distance_m=-WALL_Z))
    assert solved.report.focal_mm == pytest.approx(32.0, abs=2.0)
    assert slip(solved.camera, truth, mark_places()).max() < 1.5


def test_a_given_lens_is_kept() -> None:
    truth = path("rotation")
    solved = solve_marks(seen(truth, places()), truth.size, FPS, settings=SolveSettings(focal_mm=32.0))
    assert solved.report.focal_mm == 32.0
    assert solved.report.focal_mm_sd is None


def test_a_move_is_solved() -> None:
    truth = path("translating", frames=20)
    solved = solve_marks(
        seen(truth, places(140), strays=0.02), truth.size, FPS, settings=SolveSettings(distance_m=5.0)
    )
    assert solved.report.kind == "translating"
    assert solved.report.mean_px < 0.4
    scale = own_scale(solved.camera, truth)
    assert np.percentile(slip(solved.camera, truth, places(), scale), 95) < 1.0
    travelled = float(np.linalg.norm(solved.camera.world[-1, :3, 3]))
    assert travelled == pytest.approx(0.95, rel=0.25)  # the set's median lies about 5 m away


def test_a_locked_camera_is_seen_to_be_locked() -> None:
    truth = path("locked", frames=12)
    solved = solve_marks(seen(truth, places()), truth.size, FPS)
    assert solved.report.kind == "locked"
    np.testing.assert_array_equal(solved.camera.world, np.tile(np.eye(4), (12, 1, 1)))


def test_without_pycolmap_a_move_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pycolmap", None)
    truth = path("translating", frames=12)
    with pytest.raises(MissingPackage, match="camera"):
        solve_marks(seen(truth, places()), truth.size, FPS)


def test_a_bare_screen_has_nothing_to_hold_on_to() -> None:
    rng = np.random.default_rng(2)
    bare = [
        np.clip(rng.normal((0.2, 0.7, 0.25), 0.015, (90, 160, 3)), 0, 1).astype(np.float32) for _ in range(4)
    ]
    with pytest.raises(CannotSolve, match="marks to hold on to"):
        solve_camera(bare, (160, 90), FPS)
    locked = solve_camera(bare, (160, 90), FPS, settings=SolveSettings(kind="locked"))
    assert len(locked.camera) == 4


def test_a_shot_that_stands_still_keeps_all_its_marks() -> None:
    """With as many as are sought, no more are picked, however often it is time to."""
    ground = np.full((240, 320, 3), 0.2, np.float32)
    ground[8:-8:16, 8:-8:16] = 0.9
    marks = follow([ground] * 20, most=60)
    assert marks.counts().tolist() == [60] * 20


@pytest.fixture(scope="module")
def stage() -> Stage:
    return Stage.build()


def test_a_rendered_pan_is_solved_with_the_subject_masked(stage: Stage) -> None:
    """The subject covers a third of the picture and bears more corners than the set; the mask takes it out."""
    truth = path("rotation", frames=16, size=(448, 252))
    rng = np.random.default_rng(3)
    coat = np.kron(rng.random((14, 12, 3), dtype=np.float32), np.ones((18, 13, 1), np.float32))
    masks = []

    def frames() -> Iterator[Image]:
        for number in range(len(truth)):
            plate = srgb_from_linear(stage.render(truth.view(number)))
            left = 120 + 4 * number
            plate[:, left : left + 156] = coat
            mask = np.zeros(plate.shape[:2], bool)
            mask[:, left : left + 156] = True
            masks.append(mask)
            noisy = plate + rng.normal(0, 0.01, plate.shape).astype(np.float32)
            yield np.rint(np.clip(noisy, 0, 1) * 255).astype(np.float32) / 255

    solved = solve_camera(frames(), truth.size, FPS, masks=(masks[k] for k in range(len(truth))))
    assert solved.report.kind == "rotation"
    assert solved.report.mean_px < 0.5
    assert solved.report.focal_mm == pytest.approx(32.0, rel=0.05)
    assert slip(solved.camera, truth, mark_places()).max() < 1.5


def test_marks_do_not_drift(stage: Stage) -> None:
    truth = path("rotation", frames=8, size=(448, 252))
    marks = follow(srgb_from_linear(stage.render(truth.view(number))) for number in range(len(truth)))
    first = marks.where(np.isin(marks.mark, marks.mark[marks.frame == 0]))
    view = truth.view(0)
    rays = view.rays(first.place[first.frame == 0])
    last = first.frame == 7
    at, _ = truth.view(7).project(rays[first.mark[last]] * 1e6)
    assert last.sum() >= 10
    assert np.median(np.linalg.norm(at - first.place[last], axis=1)) < 0.15
