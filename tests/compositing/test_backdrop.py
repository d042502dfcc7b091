"""Backdrops through cameras that are known: things appear where projection says, and keys stand for all frames."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from compositing.backdrop import (
    BackdropRenderer,
    Card,
    Cards,
    KeyView,
    Optics,
    PaintedBackdrop,
    Panorama,
    choose_key_views,
    cover,
    kind_of,
    render_backdrop,
)
from compositing.backdrop.optics import confusion_px
from compositing.camera.record import Camera, still_camera
from compositing.camera.turns import about
from compositing.errors import UnusableBackdrop
from tests.compositing.studio import path

SIZE = (320, 180)


def dots(shape: tuple[int, int], places: list[tuple[float, float]], sigma: float = 2.0) -> np.ndarray:
    """White spots on black, (h, w, 3)."""
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    plane = sum(np.exp(-((x - u) ** 2 + (y - v) ** 2) / (2 * sigma**2)) for u, v in places)
    return np.repeat(np.asarray(plane, np.float32)[..., None], 3, axis=2)


def spot(picture: np.ndarray) -> np.ndarray:
    """The centre of the light in a picture, (x, y) px."""
    plane = picture[..., 0]
    y, x = np.mgrid[: plane.shape[0], : plane.shape[1]]
    return np.array([(plane * x).sum(), (plane * y).sum()]) / plane.sum()


def texture(shape: tuple[int, int], seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    coarse = rng.random((shape[0] // 12, shape[1] // 12, 3), dtype=np.float32)
    return np.clip(cv2.resize(coarse, shape[::-1], interpolation=cv2.INTER_CUBIC), 0, 1).astype(np.float32)


@pytest.mark.parametrize("k1", [0.0, -0.1])
@pytest.mark.parametrize("frame", [0, 20, 39])
def test_a_far_still_sticks_to_the_camera_s_marks(frame: int, k1: float) -> None:
    camera = path("rotation", size=SIZE, k1=k1)
    still = Card(dots((180, 320), [(190, 100)], 1.5), SIZE, scale=1.0)
    seen = render_backdrop(Cards((still,), camera.view(0).straight), camera, frame)
    where = camera.view(0).straight.rays(np.array([[190.0, 100.0]])) * 1e6
    at, _ = camera.view(frame).project(where)
    np.testing.assert_allclose(spot(seen), at[0], atol=0.15)


def test_a_card_at_a_depth_shows_parallax() -> None:
    camera = path("translating", size=SIZE)
    card = Card(dots((180, 320), [(150, 90)]), SIZE, depth_m=5.0)
    cards = Cards((card,), camera.view(0))
    view = camera.view(0)
    ray = (np.linalg.inv(view.matrix) @ [150, 90, 1]) @ view.rotation
    point = view.position + 5.0 * ray
    for frame in (0, 20, 39):
        light, depth = cards.render(camera.view(frame), frame)
        at, away = camera.view(frame).project(point[None])
        np.testing.assert_allclose(spot(light), at[0], atol=0.15)
        x, y = np.rint(at[0]).astype(int)
        assert depth[y, x] == pytest.approx(away[0], rel=0.01)


def test_nearer_cards_cover_farther_ones() -> None:
    view = still_camera(SIZE).view(0)
    red = np.zeros((180, 320, 4), np.float32)
    red[:, 100:200] = (0.4, 0, 0, 0.5)
    green = np.zeros((180, 320, 3), np.float32) + np.array([0, 0.8, 0], np.float32)
    cards = Cards((Card(red, SIZE, depth_m=2.0), Card(green, SIZE, depth_m=8.0)), view)
    light, depth = cards.render(view, 0)
    np.testing.assert_allclose(light[90, 150], (0.4, 0.4, 0), atol=1e-5)
    np.testing.assert_allclose(light[90, 50], (0, 0.8, 0), atol=1e-5)
    assert depth[90, 50] == pytest.approx(8.0)


def test_a_card_is_enlarged_until_it_covers_the_shot() -> None:
    camera = path("rotation", size=SIZE)
    plain = Card(np.ones((180, 320, 3), np.float32), SIZE)
    ends = [Cards((plain,), camera.view(0)).render(camera.view(k), k)[0].min() for k in (0, 39)]
    assert ends[0] > 0.99
    assert ends[1] == 0  # it does not reach
    wide = cover(plain, camera.view(0), camera)
    for frame in range(0, 40, 3):
        assert Cards((wide,), camera.view(0)).render(camera.view(frame), frame)[0].min() > 0.99
    far = replace(
        camera,
        world=np.concatenate([camera.world[:1], camera.world[:1] @ turned(80)]),
        focal_mm=np.full(2, 32),
    )
    with pytest.raises(UnusableBackdrop, match="panorama"):
        cover(plain, far.view(0), far)


def turned(degrees: float) -> np.ndarray:
    matrix = np.eye(4)
    matrix[:3, :3] = about("y", degrees)
    return matrix


@pytest.mark.parametrize(("turn", "u"), [((0, 0), 512), ((0, 90), 256), ((0, -90), 768), ((25, 40), None)])
def test_a_panorama_is_seen_in_its_direction(turn: tuple[float, float], u: float | None) -> None:
    tilt, pan = turn
    camera = still_camera(SIZE)
    world = turned(pan)
    world[:3, :3] = world[:3, :3] @ about("x", tilt)
    camera = replace(camera, world=world[None])
    ahead = -world[:3, 2]
    longitude, latitude = np.arctan2(ahead[0], -ahead[2]), np.arcsin(ahead[1])
    place = ((longitude / (2 * np.pi) + 0.5) * 1024 - 0.5, (0.5 - latitude / np.pi) * 512 - 0.5)
    if u is not None:
        assert place[0] == pytest.approx(u - 0.5)
    panorama = Panorama(dots((512, 1024), [place], 3.0))
    light, depth = panorama.render(camera.view(0), 0)
    np.testing.assert_allclose(spot(light), (159.5, 89.5), atol=0.3)
    assert np.isinf(depth).all()


def test_a_panorama_has_no_seam_and_a_shape() -> None:
    ramp = np.cos(np.linspace(-np.pi, np.pi, 256, endpoint=False))[None, :, None] * np.ones((128, 1, 3))
    view = replace(still_camera(SIZE), world=turned(180)[None]).view(0)
    light, _ = Panorama(ramp.astype(np.float32)).render(view, 0)
    assert np.abs(np.diff(light[90, :, 0])).max() < 0.02
    with pytest.raises(UnusableBackdrop, match=r"300x200.*twice as wide"):
        Panorama(np.zeros((200, 300, 3), np.float32))


def test_motion_blur_smears_along_the_move_and_keeps_the_light() -> None:
    camera = path("rotation", size=SIZE, frames=10)
    cards = Cards((Card(dots((180, 320), [(160, 90)]), SIZE),), camera.view(0))
    sharp, blurred = (render_backdrop(cards, camera, 4, Optics(shutter=s, samples=16)) for s in (0, 1.0))
    assert blurred.sum() == pytest.approx(sharp.sum(), rel=0.03)
    assert blurred.max() < 0.7 * sharp.max()
    np.testing.assert_allclose(spot(blurred), spot(sharp), atol=0.6)
    locked = path("locked", size=SIZE, frames=3)
    np.testing.assert_array_equal(
        render_backdrop(cards, locked, 1), render_backdrop(cards, locked, 1, Optics(shutter=0.5))
    )


def test_depth_of_field_blurs_what_is_out_of_focus() -> None:
    camera = path("locked", size=SIZE, frames=1)
    near = np.zeros((180, 320, 4), np.float32)
    near[:, :160] = dots((180, 160), [(80, 90)], 1.5).mean(axis=2, keepdims=True)
    near[:, :160, 3] = 1
    far = dots((180, 320), [(240, 90)], 1.5)
    cards = Cards((Card(near, SIZE, depth_m=4.0), Card(far, SIZE, depth_m=40.0)), camera.view(0))
    sharp = render_backdrop(cards, camera, 0)
    soft = render_backdrop(cards, camera, 0, Optics(f_stop=0.35, focus_m=4.0))
    assert soft[90, 80, 0] == pytest.approx(sharp[90, 80, 0], abs=0.02)
    assert soft[90, 240, 0] < 0.6 * sharp[90, 240, 0]
    # Thin lens: at infinity the disc is the aperture times magnification, f^2 / (N (s - f)).
    disc = confusion_px(np.array([[np.inf]], np.float32), 35.0, Optics(f_stop=2.0, focus_m=4.0), 10.0)
    assert disc[0, 0] == pytest.approx(10 * 35.0**2 / (2.0 * (4000 - 35)), rel=1e-4)


def layers(camera: Camera) -> Cards:
    """A hill, a wall with a gap, and a post: three depths."""
    hill = texture((360, 640))
    wall = np.concatenate([texture((180, 320), 1), np.ones((180, 320, 1), np.float32)], axis=2)
    wall[:, 120:200] = 0
    post = np.zeros((180, 320, 4), np.float32)
    post[:, 60:75] = (0.1, 0.2, 0.3, 1)
    cards = (Card(hill, (640, 360), 30.0), Card(wall, SIZE, 8.0, 1.6), Card(post, SIZE, 4.0, 1.3))
    return Cards(
        tuple(cover(card, camera.view(0), camera) if k == 0 else card for k, card in enumerate(cards)),
        camera.view(0),
    )


@pytest.mark.parametrize(("kind", "most"), [("locked", 1), ("rotation", 1), ("translating", 6)])
def test_a_few_keys_show_every_frame(kind: str, most: int) -> None:
    camera = path(kind, size=SIZE, frames=24)
    backdrop = layers(camera)
    keys = choose_key_views(backdrop, camera)
    assert 1 <= len(keys) <= most
    assert kind_of(camera) == kind
    painted = PaintedBackdrop(backdrop, keys, [backdrop.render(key.view, key.frame)[0] for key in keys])
    for frame in (0, 7, 23):
        true, _ = backdrop.render(camera.view(frame), frame)
        shown, _ = painted.render(camera.view(frame), frame)
        assert np.abs(shown - true).mean() < 0.012
        assert np.percentile(np.abs(shown - true), 97) < 0.08


@pytest.mark.parametrize("kind", ["rotation", "translating"])
def test_an_outline_goes_whole_with_its_thing(kind: str) -> None:
    """A grey post before white, two pixels of ink beside it: no crumbs in the ink, and none of it left on white."""
    camera = path(kind, size=(640, 360), frames=12)
    post = np.zeros((360, 640, 4), np.float32)
    post[:, 300:330] = (0.3, 0.3, 0.3, 1)
    white = Card(np.full((90, 160, 3), 0.9, np.float32), (160, 90), 30.0, 2.0)
    backdrop = Cards((white, Card(post, (640, 360), 4.0, 1.3)), camera.view(0))
    keys = choose_key_views(backdrop, camera)
    painted = PaintedBackdrop(
        backdrop, keys, [inked(backdrop.render(key.view, key.frame)[0]) for key in keys]
    )
    for frame in (0, 5, 11):
        shown, _ = painted.render(camera.view(frame), frame)
        ideal = inked(backdrop.render(camera.view(frame), frame)[0])
        near = cv2.dilate((ideal[..., 0] < 0.1).astype(np.uint8), np.ones((3, 5), np.uint8)) > 0
        away = np.abs(shown - ideal)
        assert away[near].mean() < 0.15
        assert (away[~near] > 0.3).mean() < 0.005
        assert (near & (shown[..., 0] < 0.25)).sum(axis=1).min() >= 2


def inked(light: np.ndarray) -> np.ndarray:
    """The picture with two pixels of ink on the outer side of what is darker than white."""
    thing = (light[..., 0] < 0.6).astype(np.uint8)
    line = cv2.dilate(thing, np.ones((3, 5), np.uint8)) - thing
    return np.where(line[..., None] > 0, np.float32(0), light)


def test_a_far_backdrop_needs_one_key_even_where_the_camera_moves() -> None:
    camera = path("translating", size=SIZE, frames=24)
    panorama = Panorama(texture((256, 512)))
    assert len(choose_key_views(panorama, camera)) == 1


def test_a_whole_turn_needs_several_keys_and_no_frame_is_left_out() -> None:
    camera = path("locked", size=SIZE, frames=72)
    world = np.stack([turned(5 * k) for k in range(72)])
    camera = replace(camera, world=world)
    panorama = Panorama(texture((256, 512)))
    keys = choose_key_views(panorama, camera)
    assert 3 <= len(keys) <= 8
    painted = PaintedBackdrop(panorama, keys, [panorama.render(key.view, 0)[0] for key in keys])
    for frame in range(0, 72, 9):
        true = panorama.render(camera.view(frame), 0)[0]
        assert np.abs(painted.render(camera.view(frame), frame)[0] - true).mean() < 0.02


def test_a_film_plate_is_shown_frame_by_frame_and_has_no_keys() -> None:
    camera = path("locked", size=SIZE, frames=4)
    film = Cards((Card(lambda frame: np.full((180, 320, 3), frame / 10, np.float32), SIZE),), camera.view(0))
    assert film.render(camera.view(0), 3.0)[0][90, 160, 0] == pytest.approx(0.3)
    with pytest.raises(UnusableBackdrop, match="film plate"):
        choose_key_views(film, camera)


def test_pictures_and_keys_must_agree() -> None:
    camera = path("locked", size=SIZE, frames=1)
    panorama = Panorama(texture((128, 256)))
    with pytest.raises(ValueError, match="1 key pictures are needed, 0 were given"):
        PaintedBackdrop(panorama, [KeyView(camera.view(0), 0)], [])


def test_a_view_that_stays_is_rendered_once() -> None:
    still = Card(texture((180, 320)), SIZE)
    turning = path("rotation", frames=6, size=SIZE)
    held = replace(turning, world=turning.world[[0, 0, 1, 2, 2, 2]])
    home = held.view(0)
    backdrop = Cards((cover(still, home, held),), home)
    renderer = BackdropRenderer(backdrop, held)
    pictures = [renderer.render(frame) for frame in range(6)]
    assert [pictures[k] is pictures[k - 1] for k in range(1, 6)] == [True, False, False, True, True]
    for frame in (0, 2, 5):
        np.testing.assert_array_equal(pictures[frame], render_backdrop(backdrop, held, frame))
