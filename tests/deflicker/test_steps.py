from __future__ import annotations

import numpy as np
import pytest

from benchmarks.steady.film import Film
from deflicker import metrics
from deflicker.colour import correction
from deflicker.detail import restore_detail
from deflicker.engine import OpenCVEngine, View
from deflicker.fuse import robust_mean
from deflicker.median import median


@pytest.mark.parametrize("count", range(1, 18))
def test_median_network(count: int) -> None:
    rng = np.random.default_rng(count)
    pictures = [rng.random((4, 5, 3)).astype(np.float32) for _ in range(count)]
    kept = [picture.copy() for picture in pictures]
    np.testing.assert_allclose(median(pictures), np.median(pictures, axis=0), rtol=1e-6)
    assert all(np.array_equal(a, b) for a, b in zip(pictures, kept, strict=True))


def flat(value: float, height: int = 40, width: int = 48) -> np.ndarray:
    return np.full((height, width, 3), value, np.float32)


def sure(value: float = 1.0, height: int = 40, width: int = 48) -> np.ndarray:
    return np.full((height, width), value, np.float32)


def test_correction_moves_colour_to_the_median_and_ignores_one_bad_frame() -> None:
    neighbours = [(flat(0.5), sure()), (flat(0.5), sure()), (flat(0.52), sure()), (flat(1.0), sure())]
    change = correction(flat(0.4), neighbours, 3.0)
    np.testing.assert_allclose(change, 0.1, atol=2e-3 + 0.1 * 0.02)


def test_correction_leaves_what_nobody_can_confirm() -> None:
    np.testing.assert_allclose(correction(flat(0.4), [(flat(0.9), sure(0.0))] * 4, 3.0), 0, atol=1e-6)


def test_fusion_averages_what_agrees_and_leaves_out_what_does_not() -> None:
    neighbours = [(flat(0.50), sure()), (flat(0.52), sure()), (flat(0.9), sure())]
    fused = robust_mean(flat(0.51), neighbours, 1.0)
    np.testing.assert_allclose(fused, 0.51, atol=0.004)


def test_fusion_keeps_a_pixel_that_no_neighbour_is_believed_on() -> None:
    own = np.random.default_rng(0).random((150, 40, 3)).astype(np.float32)
    other = np.random.default_rng(1).random((150, 40, 3)).astype(np.float32)
    fused = robust_mean(own, [(other, sure(0.0, 150, 40))] * 6, 1.0)
    np.testing.assert_allclose(fused, own, atol=1e-6)


def test_fusion_drops_a_mark_that_only_this_frame_has() -> None:
    own = flat(0.5)
    own[15:25, 15:25] = 0.9
    fused = robust_mean(own, [(flat(0.5), sure())] * 6, 1.0)
    assert abs(fused - 0.5).max() < 0.01


def test_fusion_in_bands_shows_no_seam() -> None:
    rng = np.random.default_rng(3)
    pictures = [rng.random((200, 30, 3)).astype(np.float32) * 0.1 for _ in range(5)]
    still = np.zeros((50, 15, 2), np.float32)
    banded = OpenCVEngine().fuse([View(pictures[0]), *(View(p, still) for p in pictures[1:])], 1.0)
    whole = robust_mean(pictures[0], [(p, sure(1.0, 200, 30)) for p in pictures[1:]], 1.0)
    np.testing.assert_allclose(banded, whole, atol=1e-6)


def test_detail_comes_back_without_overshoot(film: Film) -> None:
    import cv2

    drawn = film.clean[2]
    blurred = cv2.GaussianBlur(drawn, (0, 0), 0.9)
    sharp = restore_detail(blurred, drawn, 1.0, 1.0)
    assert metrics.sharpness(sharp, drawn) > metrics.sharpness(blurred, drawn) + 0.05
    assert metrics.psnr(sharp, drawn) > metrics.psnr(blurred, drawn)
    assert (sharp <= cv2.dilate(blurred, np.ones((3, 3), np.uint8)) + 1e-7).all()
    assert np.array_equal(restore_detail(blurred, drawn, 1.0, 0.0), blurred)


def test_metrics_know_blur_shift_and_flicker(film: Film) -> None:
    import cv2

    clean = film.clean[2]
    assert metrics.sharpness(clean, clean) == pytest.approx(1)
    assert metrics.sharpness(cv2.GaussianBlur(clean, (0, 0), 2.0), clean) < 0.7
    assert metrics.sharpness(np.roll(clean, 1, axis=1), clean) > 0.9
    assert metrics.likeness_of_lines(np.roll(clean, 3, axis=1), clean) < 0.7
    assert metrics.psnr(clean, clean) == float("inf")
    assert metrics.psnr(clean * 0, clean * 0 + np.float32(0.1)) == pytest.approx(20, rel=1e-5)
    shot = (0, 4)
    floor = metrics.film_warp_error(film.clean.__getitem__, film.source.__getitem__, shot)
    flicker = metrics.film_warp_error(film.drawn.__getitem__, film.source.__getitem__, shot)
    assert flicker > 20 * floor
    assert metrics.drift(film.drawn.__getitem__, shot) > 3 * metrics.drift(film.clean.__getitem__, shot)
    assert metrics.motion_error((clean, film.clean[3]), (clean, film.clean[3])) == 0
    with pytest.raises(ValueError, match="no two frames 8 apart"):
        metrics.film_warp_error(film.clean.__getitem__, film.source.__getitem__, (0, 5), k=8)


def test_warp_error_and_mask_by_the_formula() -> None:
    flow = np.zeros((8, 8, 2), np.float32)
    back = flow.copy()
    back[2:4, 2:4, 0] = 1.0  # 1 > .01 + .5: hidden
    mask = metrics.visible(flow, back)
    assert (~mask).sum() == 4
    before, after = flat(0.2, 8, 8), flat(0.3, 8, 8)
    assert metrics.warp_error(before, after, flow, mask) == pytest.approx(0.01, rel=1e-4)
    flow[:, 4:, 0] = 3.0  # a motion boundary
    assert not metrics.visible(flow, -flow)[:, 3:5].any()
