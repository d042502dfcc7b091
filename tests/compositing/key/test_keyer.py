"""Mattes and foregrounds against the rendered truth."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from compositing.colour import linear_from_srgb, over
from compositing.errors import InvalidSetting, SizeMismatch
from compositing.key.chroma import has_halved_chroma, restore_chroma
from compositing.key.edges import MattedFrame, steady_edges
from compositing.key.foreground import blur_fusion
from compositing.key.guides import Guides, box_mask
from compositing.key.keyer import KeySettings, ScreenKeyer
from compositing.key.project import Guesses, project
from compositing.matte import Keyed, cut_out
from compositing.screen.motion import carried
from examples.greenscreen.film import Shot
from stylize.footage import probe, read_frames

from .conftest import HEIGHT, WIDTH, Take


def errors(take: Take, keyed: list[Keyed]) -> float:
    return float(np.mean([np.abs(k.alpha - a).mean() for k, a in zip(keyed, take.alpha, strict=True)]))


@pytest.fixture(scope="module")
def keyer(green: Take) -> ScreenKeyer:
    return ScreenKeyer(green.plates)


@pytest.fixture(scope="module")
def keyed(keyer: ScreenKeyer, green: Take) -> list[Keyed]:
    return list(keyer.key(green.plates))


def test_better_than_the_colour_difference(keyer: ScreenKeyer, keyed: list[Keyed], green: Take) -> None:
    rough = []
    for plate, screen in zip(green.plates, green.screens, strict=True):
        rough.append(keyer.colour.difference.matte(linear_from_srgb(plate), screen))
    plain = float(np.mean([np.abs(r - a).mean() for r, a in zip(rough, green.alpha, strict=True)]))
    assert errors(green, keyed) < 0.5 * plain
    assert errors(green, keyed) < 0.008


@pytest.mark.parametrize("name", ["blue", "panned"])
def test_other_screens_and_moving_cameras(name: str, request: pytest.FixtureRequest) -> None:
    take: Take = request.getfixturevalue(name)
    assert errors(take, list(ScreenKeyer(take.plates).key(take.plates))) < 0.02


def test_a_moving_camera_makes_one_clean_plate() -> None:
    """Marks that touch the subject, and what it covers, are then known from the frames that show them."""
    film = Path(__file__).resolve().parents[3] / "examples" / "greenscreen.mp4"
    plates = [frame.pixels for frame in read_frames(probe(film), 9, 27)][::3]
    alone, together = ScreenKeyer(plates), ScreenKeyer(plates)
    motion = together.build_shot_plate(plates, plates, range(len(plates)))
    assert motion is not None
    shot = Shot()
    ray = shot.camera().view(9).rays(np.array([[200.0, 90.0]])) * 1e6
    there, _ = shot.camera().view(9 + 3 * motion.home).project(ray)
    np.testing.assert_allclose(carried(np.array([[200.0, 90.0]]), motion.to_home[0]), there, atol=0.4)
    truth, _ = shot.render_truth(18)
    own, shared = list(alone.key(plates)), list(together.key(plates))
    before, after = (np.abs(each[3].alpha - truth).mean() for each in (own, shared))
    assert after < 0.85 * before
    assert after < 0.0045
    part = list(together.key(plates[2:], first=2))
    np.testing.assert_array_equal(part[1].alpha, shared[3].alpha)


def test_only_the_part_with_the_subject_is_worked_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the matte is the one that working on the whole frame gives, all but a few pixels of its edge."""
    rng = np.random.default_rng(4)
    rows, columns = 1080, 1920
    plates = []
    for shift in (0, 12):
        plate = np.empty((rows, columns, 3), np.float32)
        plate[:] = np.linspace(0.8, 1.1, columns, dtype=np.float32)[None, :, None] * (0.2, 0.6, 0.25)
        plate[360:720, 750 + shift : 990 + shift] = (0.5, 0.3, 0.25)
        plate[450:460, 990 + shift : 1140 + shift] = (0.4, 0.3, 0.3)  # a stick
        plate[120:124, 1702:1706] = (0.1, 0.3, 0.12)  # a mark that came loose
        plate += rng.normal(0, 0.01, (rows, columns, 1)).astype(np.float32)
        plates.append(np.clip(plate, 0, 1))
    keyer = ScreenKeyer(plates, KeySettings(solid=True))
    part = list(keyer.key(plates))
    window = keyer.draft(plates[1], 1).rest.window
    assert (window[0].stop - window[0].start) * (window[1].stop - window[1].start) < 0.3 * rows * columns
    everywhere = (slice(0, rows), slice(0, columns))
    monkeypatch.setattr("compositing.key.keyer.find_window", lambda *_: everywhere)
    for ours, whole in zip(part, keyer.key(plates), strict=True):
        for name in ("alpha", "premult"):
            away = np.abs(getattr(ours, name) - getattr(whole, name))
            assert (away > 1 / 255).mean() < 0.001, name  # some pixels of its edge guess other colours
            assert away.max() < 0.15
        assert ours.alpha[454, 1010:1130].min() > 0.9
        assert ours.alpha[:300].max() == 0


def test_without_marks_each_frame_makes_its_own_plate() -> None:
    bare = [np.full((90, 160, 3), (0.2, 0.6, 0.25), np.float32)] * 3
    keyer = ScreenKeyer(bare)
    assert keyer.build_shot_plate(bare, bare, range(3)) is None
    assert len(list(keyer.key(bare))) == 3


def test_a_glint_of_the_screen_s_hue_is_no_hole() -> None:
    """A gold ring on a hand before a yellow wall: bright as the wall never is, and in the midst of skin."""
    plate = np.full((180, 320, 3), (0.45, 0.47, 0.05), np.float32)
    plate[40:140, 100:220] = (0.55, 0.36, 0.28)
    gap = plate.copy()
    plate[88:90, 150:153] = (0.95, 0.90, 0.35)
    gap[60:120, 150:156] = plate[0, 0]
    whole, split = (ScreenKeyer([each]).key_frame(each).alpha for each in (plate, gap))
    assert whole[86:92, 148:156].min() == 1
    assert split[70:110, 152:154].max() < 0.05


def test_no_holes_and_a_clean_screen(keyed: list[Keyed], green: Take) -> None:
    inside = green.alpha[2] == 1
    assert (keyed[2].alpha[inside] > 0.9).mean() > 0.98
    assert (keyed[2].alpha[green.alpha[2] == 0] < 0.05).mean() > 0.99


def test_no_green_is_left_over_another_backdrop(keyer: ScreenKeyer, keyed: list[Keyed], green: Take) -> None:
    backdrop = np.full((HEIGHT, WIDTH, 3), (0.35, 0.1, 0.3), np.float32)
    edge = (green.alpha[2] > 0.02) & (green.alpha[2] < 0.98)
    ours = over(keyed[2].premult, keyed[2].alpha, backdrop)
    truth = over(green.premult[2], green.alpha[2], backdrop)
    fringe = (keyer.colour.difference(ours) - keyer.colour.difference(truth))[edge]
    assert fringe.mean() < 0.01
    assert np.abs(ours - truth)[edge].mean() < 0.02


def test_frames_in_any_order_are_the_streams(keyer: ScreenKeyer, keyed: list[Keyed], green: Take) -> None:
    alone = keyer.key_frame(green.plates[2], (green.plates[1], green.plates[3]))
    np.testing.assert_array_equal(alone.alpha, keyed[2].alpha)
    np.testing.assert_array_equal(alone.premult, keyed[2].premult)


def test_guides_hold(green: Take) -> None:
    core = box_mask([(0.0, 0.0, 0.1, 0.1)], WIDTH, HEIGHT)
    garbage = box_mask([(WIDTH // 2, 0, WIDTH, HEIGHT)], WIDTH, HEIGHT)
    holdout = box_mask([(0, HEIGHT - 10, 20, HEIGHT)], WIDTH, HEIGHT)
    done = ScreenKeyer(green.plates, guides=Guides(core, garbage, holdout)).key_frame(green.plates[0])
    assert done.alpha[core > 0].min() == 1
    assert done.alpha[(garbage > 0)].max() == 0
    np.testing.assert_allclose(
        done.premult[holdout > 0], linear_from_srgb(green.plates[0])[holdout > 0], atol=1e-6
    )


@pytest.mark.parametrize("box", [(0.5, 0.5, 0.4, 1.0), (0.0, 0.0, 1.0, 400.0), (-3.0, 0.0, 5.0, 5.0)])
def test_boxes_that_are_none(box: tuple[float, float, float, float]) -> None:
    with pytest.raises(InvalidSetting, match="box"):
        box_mask([box], WIDTH, HEIGHT)


def test_shadows_are_kept_on_demand(green: Take) -> None:
    none = ScreenKeyer(green.plates).key_frame(green.plates[2])
    kept = ScreenKeyer(green.plates, KeySettings(shadows=True)).key_frame(green.plates[2])
    assert none.shadow is None
    assert kept.shadow is not None
    bare = green.alpha[2] == 0
    dark = bare & (kept.shadow < 0.93)
    light = bare & (kept.shadow > 0.99)
    assert dark.any()
    assert light.mean() > 0.3
    assert kept.cover[dark].min() > 0.05
    np.testing.assert_array_equal(kept.alpha, none.alpha)


def test_levels(green: Take) -> None:
    done = ScreenKeyer(green.plates, KeySettings(black=0.1, white=0.9)).key_frame(green.plates[2])
    plain = ScreenKeyer(green.plates).key_frame(green.plates[2])
    np.testing.assert_allclose(done.alpha, np.clip((plain.alpha - 0.1) / 0.8, 0, 1), atol=1e-6)


@pytest.mark.parametrize("wrong", [{"black": 0.5, "white": 0.5}, {"despill": 2}, {"steady": -1}])
def test_settings_that_cannot_be(wrong: dict[str, float]) -> None:
    with pytest.raises(InvalidSetting, match=r"levels|from 0 to 1"):
        KeySettings(**wrong)  # type: ignore[arg-type]


def test_projection_finds_the_right_mixture() -> None:
    screen, hair, skin = (
        np.array(c, np.float32) for c in ((0.06, 0.38, 0.08), (0.03, 0.02, 0.02), (0.5, 0.3, 0.2))
    )
    alpha = np.linspace(0, 1, 21, dtype=np.float32)
    light = alpha[:, None] * hair + (1 - alpha[:, None]) * screen
    near = np.repeat(skin[None, None], 21, axis=0)
    guesses = Guesses(near, np.ones(1, np.float32), hair[None])
    found, colour = project(light, np.tile(screen, (21, 1)), 0.9 * alpha, guesses, 0.01)
    np.testing.assert_allclose(found[3:], alpha[3:], atol=0.04)
    np.testing.assert_allclose(colour[15:], np.tile(hair, (6, 1)), atol=0.05)


def test_halved_chroma_is_seen_and_sharpened(green: Take) -> None:
    import cv2

    full = green.plates[0]
    ycc = cv2.cvtColor(full, cv2.COLOR_RGB2YCrCb)
    small = cv2.resize(ycc[..., 1:], (WIDTH // 2, HEIGHT // 2), interpolation=cv2.INTER_AREA)
    ycc[..., 1:] = cv2.resize(small, (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR)
    halved = cv2.cvtColor(ycc, cv2.COLOR_YCrCb2RGB)
    assert has_halved_chroma(halved)
    assert not has_halved_chroma(full)
    edge = (green.alpha[0] > 0.02) & (green.alpha[0] < 0.98)
    before, after = (np.abs(each - full)[edge].mean() for each in (halved, restore_chroma(halved)))
    assert after < 0.85 * before


def test_only_the_edge_is_averaged_in_time() -> None:
    rng = np.random.default_rng(3)
    picture = rng.random((64, 96, 3), np.float32)
    edge = np.zeros((64, 96), bool)
    edge[20:40, 30:60] = True
    truth = np.full((64, 96), 0.5, np.float32)
    frames = [
        MattedFrame(picture, truth + rng.normal(0, 0.05, truth.shape).astype(np.float32), edge, None)
        for _ in range(5)
    ]
    steadied = [alpha for alpha, _ in steady_edges(iter(frames))]
    assert len(steadied) == 5
    for alpha, frame in zip(steadied, frames, strict=True):
        np.testing.assert_array_equal(alpha[~edge], frame.alpha[~edge])
    assert np.std((steadied[2] - truth)[edge]) < 0.75 * np.std((frames[2].alpha - truth)[edge])
    for alpha, frame in steady_edges(iter(frames), amount=0):
        assert alpha is frame.alpha


def test_a_matte_from_elsewhere_gets_its_own_colours(green: Take) -> None:
    keyed = cut_out(green.plates[1], green.alpha[1])
    edge = (green.alpha[1] > 0.1) & (green.alpha[1] < 0.9)
    naive = linear_from_srgb(green.plates[1]) * green.alpha[1][..., None]
    ours, plain = (np.abs(each - green.premult[1])[edge].mean() for each in (keyed.premult, naive))
    assert ours < 0.7 * plain
    with pytest.raises(SizeMismatch, match="The matte is"):
        cut_out(green.plates[1], green.alpha[1][:-1])


def test_blur_fusion_leaves_what_is_opaque() -> None:
    light = np.random.default_rng(2).random((40, 40, 3)).astype(np.float32)
    np.testing.assert_allclose(blur_fusion(light, np.ones((40, 40), np.float32), 5), light, atol=1e-3)
