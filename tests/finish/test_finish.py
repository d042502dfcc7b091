"""The finish against pictures of which everything is known."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import ValidationError

from stylize.config.style import Finish
from stylize.finish import finish_cel
from stylize.finish.cel import lay_ink
from stylize.finish.enlarge import enlarge
from stylize.finish.ink import edge_tangent
from stylize.finish.paint import deepen_lines, flatten, saturate
from stylize.footage.clip import Pixels

WIDTH, HEIGHT = 480, 270
SMALL = (256, 144)
OVER = 4


def shapes(colours: NDArray[np.float32], ink: float = 0.0, seed: int = 3) -> Pixels:
    """Ellipses over a ground, each in its colour, under lines `ink` px wide; antialiased by oversampling."""
    rng = np.random.default_rng(seed)
    picture = np.zeros((HEIGHT * OVER, WIDTH * OVER, 3), np.float32) + colours[0]
    for colour in colours[1:]:
        centre = [int(value) for value in rng.integers((0, 0), (WIDTH * OVER, HEIGHT * OVER))]
        axes = [int(value) for value in rng.integers(25 * OVER, 90 * OVER, 2)]
        shape = centre, axes, float(rng.uniform(0, 180)), 0, 360
        cv2.ellipse(picture, *shape, [float(value) for value in colour], -1)
        if ink:
            cv2.ellipse(picture, *shape, (0.05, 0.05, 0.05), round(ink * OVER))
    return np.asarray(cv2.resize(picture, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA), np.float32)


def scene(ink: float = 0.0, texture: float = 0.03) -> tuple[Pixels, Pixels]:
    """The drawing at full size, which nobody has in earnest, and its plate: like colours, grain, no lines."""
    rng = np.random.default_rng(8)
    colours = rng.uniform(0.1, 0.9, (9, 3)).astype(np.float32)
    seen = np.clip(0.1 + 0.8 * colours + rng.normal(0, 0.06, colours.shape), 0, 1).astype(np.float32)
    plate = shapes(seen) + texture * grain((HEIGHT, WIDTH))[..., None]
    return shapes(colours, ink), np.clip(plate, 0, 1, dtype=np.float32)


def grain(shape: tuple[int, int], seed: int = 1) -> NDArray[np.float32]:
    """Fine noise of standard deviation 1."""
    noise = np.random.default_rng(seed).normal(size=shape).astype(np.float32)
    noise = np.asarray(cv2.GaussianBlur(noise, (0, 0), 0.8), np.float32)
    return noise / noise.std()


def shrunk(picture: Pixels, size: tuple[int, int] = SMALL) -> Pixels:
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float32)


def cubic(drawn: Pixels, size: tuple[int, int] = (WIDTH, HEIGHT)) -> Pixels:
    return np.clip(cv2.resize(drawn, size, interpolation=cv2.INTER_CUBIC), 0, 1, dtype=np.float32)


def psnr(picture: Pixels, truth: Pixels) -> float:
    return -10 * float(np.log10(np.mean((picture - truth) ** 2)))


def edge_width(row: NDArray[np.float32]) -> float:
    """Pixels from 10 % to 90 % of a rising edge, between pixels by straight lines."""
    low, high = row[:4].mean(), row[-4:].mean()
    levels = (row - low) / (high - low)
    first = int(np.argmax(levels > 0.1))
    last = int(np.argmax(levels > 0.9))
    start = first - (levels[first] - 0.1) / (levels[first] - levels[first - 1])
    end = last - (levels[last] - 0.9) / (levels[last] - levels[last - 1])
    return float(end - start)


# Enlarging


@pytest.mark.parametrize(("ink", "gain_db"), [(0.0, 4.0), (3.0, 3.0)])
def test_enlarging_comes_nearer_to_the_drawing_at_full_size(ink: float, gain_db: float) -> None:
    truth, plate = scene(ink)
    drawn = shrunk(truth)
    assert psnr(enlarge(drawn, plate), truth) > psnr(cubic(drawn), truth) + gain_db


def test_the_plate_says_where_an_edge_runs() -> None:
    """The same drawing over its own plate and over one that shows nothing."""
    truth, plate = scene()
    drawn, blank = shrunk(truth), np.full_like(plate, 0.5)
    assert psnr(enlarge(drawn, plate), truth) > psnr(enlarge(drawn, blank), truth) + 0.5


def test_a_plate_of_something_else_does_no_harm() -> None:
    truth, _ = scene(ink=3.0)
    drawn, blank = shrunk(truth), np.full_like(truth, 0.5)
    other = np.clip(0.5 + 0.15 * grain((HEIGHT, WIDTH)), 0, 1)[..., None].repeat(3, axis=2)
    loss = psnr(enlarge(drawn, blank), truth) - psnr(enlarge(drawn, other), truth)
    assert loss < 0.1


def test_an_edge_is_narrower_than_by_plain_enlarging() -> None:
    truth = np.full((HEIGHT, WIDTH, 3), 0.2, np.float32)
    truth[:, WIDTH // 2 + 3 :] = (0.8, 0.7, 0.6)
    plate = np.where(truth > 0.3, 0.65, 0.3).astype(np.float32)
    drawn = shrunk(truth)
    around = slice(WIDTH // 2 - 20, WIDTH // 2 + 26)
    plain = edge_width(cubic(drawn)[HEIGHT // 2, around, 0])
    ours = edge_width(enlarge(drawn, plate)[HEIGHT // 2, around, 0])
    assert ours < 0.65 * plain


def test_there_are_no_halos() -> None:
    """No value leaves what the drawing has within two of its own pixels."""
    truth, plate = scene(ink=3.0, texture=0.1)
    drawn = shrunk(truth)
    window = np.ones((5, 5), np.uint8)
    nearest = {"dsize": (WIDTH, HEIGHT), "interpolation": cv2.INTER_NEAREST}
    low = cv2.resize(cv2.erode(drawn, window), **nearest)
    high = cv2.resize(cv2.dilate(drawn, window), **nearest)
    big = enlarge(drawn, plate)
    assert (big >= low - 1e-5).all()
    assert (big <= high + 1e-5).all()
    assert (cubic(drawn) < low - 1e-3).any(), "the plain enlargement has halos, so the test can fail"


def test_no_texture_comes_back_into_a_flat() -> None:
    plate = np.clip(0.5 + 0.2 * grain((HEIGHT, WIDTH)), 0, 1)[..., None].repeat(3, axis=2)
    drawn = np.full((SMALL[1], SMALL[0], 3), (0.3, 0.6, 0.4), np.float32)
    assert np.abs(enlarge(drawn, plate) - drawn[0, 0]).max() < 1e-5


def test_texture_does_not_fray_an_edge() -> None:
    """A straight edge over grass: it stays as straight as over nothing."""
    drawn = np.full((SMALL[1], SMALL[0], 3), 0.75, np.float32)
    drawn[:, SMALL[0] // 2 :] = 0.2
    plate = np.clip(0.5 + 0.15 * grain((HEIGHT, WIDTH)), 0, 1)[..., None].repeat(3, axis=2)
    big = enlarge(drawn, plate)[..., 0]
    crossing = (big > 0.475).sum(axis=1)
    assert big.std(axis=0).max() < 0.02
    assert np.ptp(crossing) <= 1


def test_colours_keep_their_places() -> None:
    """Nothing shifts: the mean of each of the drawing's pixels is as it was drawn."""
    truth, plate = scene()
    drawn = shrunk(truth, (WIDTH // 2, HEIGHT // 2))
    back = shrunk(enlarge(drawn, plate), (WIDTH // 2, HEIGHT // 2))
    assert np.abs(back - drawn).mean() < 0.002


@pytest.mark.parametrize("size", [(481, 271), (479, 269), (257, 145), (1023, 577), (256, 300)])
def test_any_size_comes_out_whole(size: tuple[int, int]) -> None:
    truth, _ = scene()
    drawn = shrunk(truth)
    big = enlarge(drawn, np.asarray(cv2.resize(truth, size), np.float32))
    assert (big.shape, big.dtype) == ((size[1], size[0], 3), np.float32)
    assert big.min() >= 0
    assert big.max() <= 1


@pytest.mark.parametrize("small", [(1, 1), (2, 1), (3, 3)])
def test_a_picture_of_a_few_pixels_is_enlarged_too(small: tuple[int, int]) -> None:
    drawn = np.full((small[1], small[0], 3), 0.4, np.float32)
    assert enlarge(drawn, np.full((7, 9, 3), 0.5, np.float32)) == pytest.approx(0.4, abs=1e-5)


def test_a_drawing_of_the_plates_size_is_left_alone() -> None:
    truth, plate = scene()
    assert enlarge(truth, plate) is truth


def test_no_detail_is_a_plain_enlargement() -> None:
    truth, plate = scene()
    assert np.array_equal(enlarge(shrunk(truth), plate, 0), cubic(shrunk(truth)))


def test_detail_has_degrees() -> None:
    truth, plate = scene(ink=3.0)
    drawn = shrunk(truth)
    scores = [psnr(enlarge(drawn, plate, detail), truth) for detail in (0, 0.33, 0.66, 1.0)]
    assert scores == sorted(scores)


def test_what_is_given_is_not_written_to() -> None:
    truth, plate = scene()
    drawn = shrunk(truth)
    before = drawn.copy(), plate.copy()
    enlarge(drawn, plate, 1.0)
    finish_cel(drawn, shrunk(plate), Finish(flats=1, lines=1, ink=1, saturation=1.5))
    assert np.array_equal(drawn, before[0])
    assert np.array_equal(plate, before[1])


# Ink and paint


def noisy_step(noise: float = 0.015) -> tuple[Pixels, Pixels]:
    """Two flats beside each other: clean, and with noise in every channel."""
    clean = np.full((80, 120, 3), (0.30, 0.45, 0.60), np.float32)
    clean[:, 60:] = (0.70, 0.60, 0.30)
    rng = np.random.default_rng(4)
    return clean, clean + rng.normal(0, noise, clean.shape).astype(np.float32)


def test_flats_become_flat_and_edges_stay() -> None:
    clean, noisy = noisy_step()
    even = flatten(noisy, 1.0)
    inside = np.s_[8:-8, 8:52]
    assert (even - clean)[inside].std() < (noisy - clean)[inside].std() / 2
    step = even[:, 60].mean(axis=0) - even[:, 59].mean(axis=0)
    assert step == pytest.approx(clean[0, 60] - clean[0, 59], abs=0.02)


def test_flattening_has_degrees() -> None:
    clean, noisy = noisy_step()
    left = [np.std(flatten(noisy, amount) - clean) for amount in (0.0, 0.5, 1.0)]
    assert left[0] > 1.2 * left[1] > 1.2 * left[2]


def lined(width: int, ground: float = 0.7, line: float = 0.4) -> Pixels:
    picture = np.full((60, 80, 3), ground, np.float32)
    picture[:, 40 : 40 + width] = line
    return picture


@pytest.mark.parametrize("width", [1, 2, 3])
def test_a_thin_dark_line_is_deepened(width: int) -> None:
    picture = lined(width)
    inked = deepen_lines(picture, 0.5)
    on_line = np.s_[:, 40 : 40 + width]
    assert inked[on_line] == pytest.approx(picture[on_line] * 0.5, abs=1e-5)
    assert np.array_equal(inked[:, :38], picture[:, :38])
    assert np.array_equal(inked[:, 45:], picture[:, 45:])


@pytest.mark.parametrize(
    "picture",
    [lined(12), lined(2, ground=0.4, line=0.7), np.full((60, 80, 3), 0.3, np.float32)],
    ids=["a dark area", "a light line", "a flat"],
)
def test_what_is_no_dark_line_keeps_its_tone(picture: Pixels) -> None:
    assert np.array_equal(deepen_lines(picture, 1.0), picture)


def test_a_faint_line_is_deepened_less() -> None:
    faint, clear = lined(2, line=0.65), lined(2, line=0.4)
    kept = [float(deepen_lines(each, 1.0)[30, 40, 0] / each[30, 40, 0]) for each in (faint, clear)]
    assert kept == pytest.approx([0.8, 0.0], abs=1e-4)


def test_saturation_moves_colour_away_from_its_grey() -> None:
    colours = np.random.default_rng(0).uniform(0.3, 0.7, (10, 12, 3)).astype(np.float32)
    luma = np.array([0.299, 0.587, 0.114], np.float32)
    for amount in (0.0, 0.5, 1.4):
        changed = saturate(colours, amount)
        assert changed @ luma == pytest.approx(colours @ luma, abs=1e-4)
        grey = (colours @ luma)[..., None]
        assert changed - grey == pytest.approx(amount * (colours - grey), abs=1e-4)
    vivid = saturate(np.array([[[1.0, 0.0, 0.1]]], np.float32), 2.0)
    assert vivid.min() >= 0
    assert vivid.max() <= 1


def test_nothing_asked_is_nothing_done() -> None:
    truth, plate = scene()
    assert flatten(truth, 0) is truth
    assert deepen_lines(truth, 0) is truth
    assert saturate(truth, 1) is truth
    assert finish_cel(truth, plate, Finish()) is truth
    assert not Finish().touches_the_cel


def test_the_cel_is_its_steps_in_their_order() -> None:
    truth, plate = scene(ink=2.0)
    finish = Finish(flats=0.6, lines=0.3, ink=0.5, saturation=1.2)
    painted = saturate(flatten(truth, 0.6), 1.2)
    assert np.array_equal(finish_cel(truth, plate, finish), lay_ink(deepen_lines(painted, 0.3), plate, 0.5))


def test_ink_follows_the_edges_of_the_plate_and_spares_its_flats() -> None:
    plate = np.full((96, 96, 3), 0.7, np.float32)
    plate[:, 48:] = 0.2
    plate += np.random.default_rng(0).normal(0, 0.01, plate.shape).astype(np.float32)
    paper = np.full_like(plate, 0.8)
    inked = lay_ink(paper, plate, 1.0)
    line = inked[20:-20, 46:56].min(axis=(1, 2))
    assert line.max() < 0.4  # unbroken from top to bottom
    assert inked[:, :40].min() > 0.75
    assert inked[:, 62:].min() > 0.75


def test_lines_take_the_colour_that_a_style_names() -> None:
    plate = np.full((96, 96, 3), 0.7, np.float32)
    plate[:, 48:] = 0.2
    brown = np.array([0x80, 0x40, 0x20], np.float32) / 255
    paper = np.full_like(plate, 0.8)
    drawn = finish_cel(paper, plate, Finish(ink=1.0, line_colour="#804020"))
    line = drawn[48, 40:60].reshape(-1, 3)
    assert np.abs(line - brown).max(axis=1).min() < 0.01  # wholly covered where the line is full
    share = (0.8 - line[:, :1]) / (0.8 - brown[0])
    assert line == pytest.approx(0.8 + share * (brown - 0.8), abs=1e-3)  # between paint and ink elsewhere
    thin = paper.copy()
    thin[:, 30] = 0.1
    deepened = finish_cel(thin, paper, Finish(lines=1.0, line_colour="#804020"))
    assert deepened[48, 30] == pytest.approx(brown, abs=1e-3)
    assert np.array_equal(deepened[:, 40:], paper[:, 40:])


def test_a_style_without_a_line_colour_is_what_it_was() -> None:
    assert Finish(ink=0.5).cel_settings() == {"flats": 0, "tones": 0, "lines": 0, "ink": 0.5, "saturation": 1}
    assert "line_colour" in Finish(ink=0.5, line_colour="#804020").cel_settings()
    with pytest.raises(ValidationError):
        Finish(line_colour="brown")


def test_specks_are_no_lines() -> None:
    plate = np.full((96, 96, 3), 0.7, np.float32)
    plate[40:44, 40:44] = 0.1
    assert lay_ink(plate, plate, 1.0)[36:48, 36:48].min() >= 0.09  # not darkened further
    assert np.array_equal(lay_ink(plate, plate, 1.0), plate)


def test_tangents_are_the_same_numbers_at_every_call() -> None:
    """Frames that are made again, elsewhere or after a stop, are compared bit by bit."""
    grey = np.random.default_rng(5).random((360, 640), np.float32)
    grey = cv2.GaussianBlur(grey, (0, 0), 3.0)
    first = edge_tangent(grey)
    elsewhere = []  # later pictures lie at other places in memory
    for size in range(1001, 40_001, 1950):
        elsewhere.append(np.empty(size * 7, np.uint8))
        for one, other in zip(edge_tangent(grey.copy()), first, strict=True):
            np.testing.assert_array_equal(one, other)
