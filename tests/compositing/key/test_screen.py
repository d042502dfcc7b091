"""The screen's colour and its clean plate, found in the footage."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from compositing.colour import Image, Plane, linear_from_srgb
from compositing.errors import InvalidSetting, NoScreen
from compositing.screen.colour import ScreenColour, find_screen, parse_colour
from compositing.screen.fill import fill
from compositing.screen.plate import coarse, combine, light_ratio
from compositing.screen.stillness import stands_still

from .conftest import Take


def relight(light: Image, plate: Image, known: Plane, colour: ScreenColour) -> Image:
    """The clean plate in the light of one frame, as the keyer has it."""
    ratio = light_ratio(coarse(light), coarse(plate), coarse(known), colour)
    return plate * cv2.resize(ratio, light.shape[1::-1], interpolation=cv2.INTER_LINEAR)


def lights(take: Take) -> list[np.ndarray]:
    return [linear_from_srgb(plate) for plate in take.plates]


@pytest.mark.parametrize(("name", "channel"), [("green", 1), ("blue", 2)])
def test_the_colour_is_found(name: str, channel: int, request: pytest.FixtureRequest) -> None:
    take: Take = request.getfixturevalue(name)
    found = find_screen(lights(take))
    truth = np.median(np.concatenate([each.reshape(-1, 3) for each in take.screens]), axis=0)
    assert (found.name, found.difference.channel) == (name, channel)
    np.testing.assert_allclose(found.rgb, truth, rtol=0.15, atol=0.01)


def test_a_picked_colour_is_taken(green: Take) -> None:
    found = find_screen(lights(green), "#3b8c44")
    assert found.hex == "#3b8c44"
    assert found.difference.channel == 1


@pytest.mark.parametrize("wanted", ["auto", "blue"])
def test_no_screen(wanted: str) -> None:
    rng = np.random.default_rng(1)
    grey = np.repeat(rng.random((90, 160, 1), np.float32), 3, axis=2) * [0.9, 0.7, 0.6]
    with pytest.raises(NoScreen, match=r"No .* screen is in this shot"):
        find_screen([grey.astype(np.float32)], wanted)


def test_a_blue_screen_is_no_green_one(blue: Take) -> None:
    with pytest.raises(NoScreen):
        find_screen(lights(blue), "green")


@pytest.mark.parametrize("text", ["red", "#12345", "#ggg000", "#1234567"])
def test_colours_that_are_none(text: str, green: Take) -> None:
    with pytest.raises(InvalidSetting, match="#rrggbb"):
        find_screen(lights(green), text)
    if text.startswith("#"):
        with pytest.raises(InvalidSetting, match="#rrggbb"):
            parse_colour(text)


def test_the_plate_behind_the_subject(green: Take) -> None:
    """Wrinkles, gradient and marks where they were seen; near the truth where they never were."""
    frames = lights(green)
    colour = find_screen(frames)
    plate = relight(frames[2], *combine(frames, colour), colour)
    error = np.abs(plate - green.screens[2]).mean(axis=2) / green.screens[2].max()
    alpha = green.alpha[2]
    assert error[alpha == 0].mean() < 0.012
    assert error[(alpha > 0.02) & (alpha < 0.98)].mean() < 0.03
    assert error[alpha > 0.98].mean() < 0.05


def test_the_plate_follows_the_light(green: Take) -> None:
    frames = lights(green)
    colour = find_screen(frames)
    plate, known = combine(frames, colour)
    dimmed = relight(0.6 * frames[2], plate, known, colour)
    np.testing.assert_allclose(dimmed, 0.6 * relight(frames[2], plate, known, colour), atol=0.004)


def test_one_frame_is_enough_for_a_plate(green: Take) -> None:
    light = lights(green)[2]
    colour = find_screen([light])
    error = np.abs(relight(light, *combine([light], colour), colour) - green.screens[2]).mean(axis=2)
    edge = (green.alpha[2] > 0.02) & (green.alpha[2] < 0.98)
    assert (error / green.screens[2].max())[edge].mean() < 0.05


def test_a_moving_camera_is_told_from_a_still_one(green: Take, panned: Take) -> None:
    still, moving = lights(green), lights(panned)
    assert stands_still(still, find_screen(still))
    assert not stands_still(moving, find_screen(moving))


def test_filling_keeps_what_is_known_and_spans_holes() -> None:
    ramp = np.repeat(np.linspace(0, 1, 80, dtype=np.float32)[None, :, None], 60, axis=0).repeat(3, axis=2)
    weights = np.ones((60, 80), np.float32)
    weights[20:40, 30:50] = 0
    filled = fill(np.where(weights[..., None] > 0, ramp, 9).astype(np.float32), weights)
    np.testing.assert_allclose(filled[weights > 0], ramp[weights > 0], atol=1e-5)
    assert np.abs(filled - ramp)[weights == 0].max() < 0.12
    assert not fill(ramp, np.zeros_like(weights)).any()
