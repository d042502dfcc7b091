from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks.steady.film import Film
from deflicker import DIS
from deflicker.anchor import Anchor
from deflicker.arrays import luma8
from deflicker.bare import calm_bare_parts
from deflicker.confidence import likeness_cost, outside, round_trip_cost
from deflicker.flow import Flow
from deflicker.guide_level import GuideLevel
from deflicker.registered import RegisteredDIS
from deflicker.track import confidence, extend, step
from deflicker.warp import resize_flow, warp


def texture(seed: int, height: int = 96, width: int = 128) -> np.ndarray:
    noise = np.random.default_rng(seed).random((height, width, 3)).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), 2.0)
    return np.clip((smooth - smooth.mean()) * 4 + 0.5, 0, 1).astype(np.float32)


def test_flow_points_from_here_to_there_x_first() -> None:
    here = texture(1)
    there = np.roll(here, (2, 5), axis=(0, 1))  # everything goes 5 px right and 2 px down
    flow = DIS()(here, there)
    assert flow.shape == (96, 128, 2)
    assert flow.dtype == np.float32
    np.testing.assert_allclose(np.median(flow, axis=(0, 1)), [5, 2], atol=0.1)


def test_warp_shows_there_where_here_has_it() -> None:
    here = texture(2)
    there = np.roll(here, (2, 5), axis=(0, 1))
    exact = np.broadcast_to(np.float32([5, 2]), (96, 128, 2)).copy()
    np.testing.assert_allclose(warp(there, exact)[:90, :120], here[:90, :120], atol=1e-5)


def test_flow_of_a_tall_frame_is_searched_small_and_given_in_its_own_pixels() -> None:
    here = cv2.resize(texture(3), (256, 192), interpolation=cv2.INTER_CUBIC)
    there = np.roll(here, (4, 8), axis=(0, 1))
    flow = DIS(height=96)(here, there)
    assert flow.shape == (192, 256, 2)
    np.testing.assert_allclose(np.median(flow, axis=(0, 1)), [8, 4], atol=0.2)


def test_resized_flow_keeps_each_axis_its_own_scale() -> None:
    flow = np.dstack([np.full((6, 8), 3.0), np.full((6, 8), -2.0)]).astype(np.float32)
    larger = resize_flow(flow, 12, 32)
    np.testing.assert_allclose(larger[..., 0], 12)
    np.testing.assert_allclose(larger[..., 1], -4)


@pytest.mark.parametrize("flow", [DIS(), RegisteredDIS()])
def test_flow_follows_a_rendered_scene_with_thin_limbs(film: Film, flow: Flow) -> None:
    exact, seen = film.exact_flow(3, 4)
    miss = np.linalg.norm(flow(film.source[3], film.source[4]) - exact, axis=-1)[seen]
    still = np.linalg.norm(exact, axis=-1)[seen]
    assert miss.mean() < 0.25 * still.mean()


def test_flow_on_recorded_ground_truth(shared_data: Path) -> None:
    folder = shared_data / "gt" / "flow_crop"
    if not folder.is_dir():
        pytest.skip("no recorded flow here")
    frames = [cv2.imread(str(folder / f"00001_img{n}.ppm"))[..., ::-1] / np.float32(255) for n in (1, 2)]
    exact = cv2.readOpticalFlow(str(folder / "00001_flow.flo"))
    flow = DIS()(*(np.ascontiguousarray(f, np.float32) for f in frames))
    miss = np.median(np.linalg.norm(flow - exact, axis=-1))
    assert miss < 0.3 * np.median(np.linalg.norm(exact, axis=-1))


def test_flow_is_the_same_for_any_number_of_threads_and_any_history(film: Film) -> None:
    pair = film.source[0], film.source[1]
    first = DIS()(*pair)
    DIS()(film.source[5], film.source[9])
    cv2.setNumThreads(3)
    assert np.array_equal(first, DIS()(*pair))


@pytest.mark.parametrize("shape", [(1, 1), (5, 7), (8, 200), (33, 31)])
def test_flow_of_small_black_frames_is_nothing(shape: tuple[int, int]) -> None:
    black = np.zeros((*shape, 3), np.float32)
    flow = DIS()(black, black)
    assert flow.shape == (*shape, 2)
    np.testing.assert_allclose(flow, 0, atol=1e-6)


def test_confidence_leaves_what_is_hidden_and_keeps_what_is_seen(film: Film) -> None:
    t, u = 4, 6
    flow = DIS()
    steps = {}
    for a, b in ((4, 5), (5, 6)):
        forward, backward = flow(film.source[a], film.source[b]), flow(film.source[b], film.source[a])
        steps[a, b] = step(forward, backward)
    sure = confidence(extend(steps[4, 5], steps[5, 6]), film.source[t], film.source[u])
    _, seen = film.exact_flow(t, u)
    inner = cv2.erode(seen.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    assert sure.min() >= 0
    assert sure.max() <= 1
    assert sure[inner].mean() > 0.8
    assert sure[~seen].mean() < 0.75 * sure[inner].mean()


def test_a_trail_finds_again_what_was_hidden(film: Film) -> None:
    """What the figure's thin limbs hide for a while is on the trail again when they have passed."""
    frames, t = range(0, 12), 1
    flow, level = DIS(), GuideLevel()
    for index in frames:
        level.guide[index] = np.rint(film.source[index] * 255).astype(np.uint8)
    for u in frames[:-1]:
        pair = film.source[u], film.source[u + 1]
        level.learn(u, u + 1, flow(*pair), flow(*pair[::-1]))
    hidden = np.zeros(film.source[0].shape[:2], bool)
    chain, known, lost = None, 0, 0
    for u, motion, sure in level.trails(t, 1, range(1, 11)):
        following = level.steps[1][u - 1].astype(np.float32)
        chain = following if chain is None else extend(chain, following)
        exact, seen = film.exact_flow(t, u)
        hidden |= ~seen
        again = hidden & seen
        believed = confidence(chain, film.source[t], film.source[u])
        known += _right(motion, sure, exact)[again].sum()
        lost += _right(chain[..., :2], believed, exact)[again].sum()
    assert known > 1.1 * lost > 100


def _right(flow: np.ndarray, sure: np.ndarray, exact: np.ndarray) -> np.ndarray:
    return (np.linalg.norm(flow - exact, axis=-1) < 1) & (sure > 0.5)


def test_an_anchor_takes_out_what_a_flow_has_drifted() -> None:
    here = texture(6, 144, 192)
    there = np.rint(np.roll(here, (2, 5), axis=(0, 1)) * 255).astype(np.uint8)
    drifted = np.broadcast_to(np.float32([5.6, 1.6]), (144, 192, 2)).copy()
    anchor = Anchor(np.rint(here * 255).astype(np.uint8))
    once = anchor.register(there, drifted)
    inner = np.linalg.norm(once - np.float32([5, 2]), axis=-1)[20:-20, 20:-20]
    assert inner.mean() < 0.25  # of 0.72
    torn = np.where(np.arange(192)[None, :, None] < 96, drifted, np.float32([-20, 9]))
    mended = anchor.propagate(there, torn, (8.0, 8.0, 8.0), 8)
    np.testing.assert_allclose(mended[40:100, 98:104], drifted[40:100, 98:104], atol=1e-6)


def test_tracks_add_their_steps_and_their_costs() -> None:
    one = np.zeros((20, 30, 3), np.float32)
    one[...] = (2, 1, 0.25)
    two = extend(one, one)
    np.testing.assert_allclose(two[10, 10], (4, 2, 0.5), atol=1e-6)


def test_costs_by_the_formula() -> None:
    there, back = np.zeros((9, 9, 2), np.float32), np.zeros((9, 9, 2), np.float32)
    there[..., 0], back[..., 0] = 1.0, -2.0
    assert round_trip_cost(there, back)[4, 4] == pytest.approx(1 / (2 * (0.01 * (1 + 4) + 0.5)))
    assert not outside(there)[:, 8].any()  # beside the frame by no more than a flow errs
    assert outside(2 * there)[:, 8].all()
    assert round_trip_cost(2 * there, back)[4, 8] > 20  # leaves it
    grey = np.full((3, 3, 3), 0.5, np.float32)
    assert likeness_cost(grey, grey + np.float32(12 / 255))[1, 1] == pytest.approx(0.5, rel=1e-4)


def test_luma_rounds_and_saturates() -> None:
    frame = np.zeros((1, 3, 3), np.float32)
    frame[0] = [[-0.1] * 3, [0.5] * 3, [1.2] * 3]
    assert luma8(frame).tolist() == [[0, 128, 255]]


def test_both_samplings_agree_with_numpy() -> None:
    picture = texture(4)
    flow = np.zeros((96, 128, 2), np.float32)
    flow[..., 0] = 1.5
    between = (picture[:, 1:-1] + picture[:, 2:]) / 2
    np.testing.assert_allclose(warp(picture, flow, smooth=False)[:, :-2], between, atol=1e-5)
    np.testing.assert_allclose(warp(picture, flow)[:, 1:-3], between[:, 1:-1], atol=0.04)


@pytest.mark.parametrize("pan", [0, 3])
def test_a_wall_of_grain_and_slow_shading_moves_with_what_is_seen_beside_it(pan: int) -> None:
    rng = np.random.default_rng(5)
    scene = np.full((144, 280, 3), 130, np.float32)
    scene += 15 * np.sin(np.arange(280, dtype=np.float32) / 30)[:, None]  # shading: under a level a pixel
    scene[:, :90] += 60 * cv2.GaussianBlur(rng.standard_normal((144, 90, 3)).astype(np.float32), (0, 0), 2)
    frames = []
    for at in (0, pan):
        grain = 2.5 * rng.standard_normal((144, 256, 3))
        frames.append(np.clip(scene[:, 10 + at : 266 + at] + grain, 0, 255).astype(np.uint8))
    here, there = frames
    found = DIS()(*(frame.astype(np.float32) / 255 for frame in frames))
    flow = Anchor(here).prefer(there, found, calm_bare_parts(here, there, found))
    wall = np.s_[10:-10, 100:-10]
    crept = [float(np.abs(each[wall] - (-pan, 0)).max(axis=-1).mean()) for each in (found, flow)]
    assert crept[0] > 1
    assert crept[1] < 0.35


def test_what_moves_by_itself_keeps_its_motion(film: Film) -> None:
    exact, seen = film.exact_flow(4, 5)
    here, there = ((frame * 255).astype(np.uint8) for frame in (film.source[4], film.source[5]))
    found = DIS()(film.source[4], film.source[5])
    flow = Anchor(here).prefer(there, found, calm_bare_parts(here, there, found))
    miss = [np.linalg.norm(each - exact, axis=-1)[seen > 0.5].mean() for each in (found, flow)]
    assert miss[1] < 1.02 * miss[0]
