"""The procedural pairs: determined by their seed, flat and inked on the drawn side, and without a cast."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from training.base.assemble import assemble_drawing
from training.base.attributes import PLAIN_SHARE
from training.base.cels import Cels
from training.base.scenes import BACKGROUNDS, LINES, PALETTES, TONES, Attributes, Pair, render_pair
from training.base.scenes.animals import animal
from training.base.scenes.camera import Camera
from training.base.scenes.canvas import DEEP, LIT, SHADE, Canvas
from training.base.scenes.eyes import eye
from training.base.scenes.figure import person
from training.base.scenes.hair import strands
from training.base.scenes.head import Head
from training.base.scenes.ink import outlines
from training.base.scenes.layer import Layer, Stroke, Texture
from training.base.scenes.light import Light
from training.base.scenes.photo_and_drawing import drawing, falloff, photograph, tones
from training.base.scenes.shapes import box, ellipse

LUMA = np.array([0.299, 0.587, 0.114], np.float32)
LIGHT = Light((-0.57, -0.57, 0.59), 0.4, (1, 1, 1), (1, 1, 1), 0.0)


@pytest.fixture(scope="module")
def plain_pairs() -> list[Pair]:
    return [render_pair(np.random.default_rng([7, i]), 128, Attributes()) for i in range(50)]


def _grain(picture: np.ndarray) -> float:
    """Median high-frequency energy: texture and noise count, sparse lines and edges do not."""
    luma = picture @ LUMA
    return float(np.median(np.abs(luma - cv2.GaussianBlur(luma, (0, 0), 1.5))))


def _canvas(*layers: Layer, seed: int = 0) -> Canvas:
    canvas = Canvas(256, LIGHT, np.random.default_rng(seed))
    for layer in (Layer(box(-4, -4, 260, 260), (0.8, 0.78, 0.74), line=0.0), *layers):
        canvas.add(layer)
    return canvas


def _draw(canvas: Canvas, attributes: Attributes | None = None) -> np.ndarray:
    uneven = falloff(canvas)
    photo = photograph(canvas, uneven)[::2, ::2]
    two, three, painted, ink = drawing(canvas, photo, uneven, 0.0)
    return assemble_drawing(Cels(photo, two, three, painted, ink), attributes or Attributes())


@pytest.mark.parametrize("size", [96, 128, 256])
def test_pair_is_two_pictures_in_range(size: int) -> None:
    pair = render_pair(np.random.default_rng(3), size)
    for picture in (pair.photo, pair.drawn):
        assert picture.shape == (size, size, 3)
        assert picture.dtype == np.float32
        assert np.isfinite(picture).all()
        assert picture.min() >= 0
        assert picture.max() <= 1


@pytest.mark.parametrize("size", [32, 127, 1024])
def test_a_size_that_cannot_be_rendered_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="size must be even"):
        render_pair(np.random.default_rng(0), size)


def test_seed_determines_the_pair() -> None:
    one, same, other = (render_pair(np.random.default_rng(s), 96) for s in (5, 5, 6))
    assert np.array_equal(one.photo, same.photo)
    assert np.array_equal(one.drawn, same.drawn)
    assert one.attributes == same.attributes
    assert not np.array_equal(one.photo, other.photo)


def test_attributes_leave_the_photograph_alone() -> None:
    one, other = (
        render_pair(np.random.default_rng(11), 96, Attributes("pastel", lines, "three"))
        for lines in ("thin", "thick")
    )
    assert np.array_equal(one.photo, other.photo)
    assert not np.array_equal(one.drawn, other.drawn)


def test_pairs_are_scenes_and_not_blanks(plain_pairs: list[Pair]) -> None:
    contrasts = [float((p.photo @ LUMA).std()) for p in plain_pairs]
    assert np.median(contrasts) > 0.1
    assert np.mean(np.array(contrasts) < 0.01) < 0.05


def test_drawings_are_flatter_than_photographs(plain_pairs: list[Pair]) -> None:
    ratios = [_grain(p.drawn) / _grain(p.photo) for p in plain_pairs]
    assert np.median(ratios) < 0.3
    assert np.mean(np.array(ratios) < 0.8) > 0.7  # the others are blurred photographs


def test_drawings_have_no_cast(plain_pairs: list[Pair]) -> None:
    photo = np.mean([p.photo.mean((0, 1)) for p in plain_pairs], axis=0)
    drawn = np.mean([p.drawn.mean((0, 1)) for p in plain_pairs], axis=0)
    lift = drawn - photo
    assert lift.max() - lift.min() < 0.015  # lighter, but of no colour
    assert 0 < lift.mean() < 0.06
    assert np.ptp(drawn - photo) < 0.02


def test_drawings_follow_the_local_colour(plain_pairs: list[Pair]) -> None:
    differences = [
        np.abs(cv2.GaussianBlur(p.photo, (0, 0), 10) - cv2.GaussianBlur(p.drawn, (0, 0), 10)).mean()
        for p in plain_pairs
    ]
    assert np.mean(differences) < 0.06


def test_photograph_and_drawing_show_the_same_edges(plain_pairs: list[Pair]) -> None:
    """The structure of the two sides lines up: shifting one of them makes the match worse."""

    def edges(picture: np.ndarray) -> np.ndarray:
        luma = cv2.GaussianBlur(picture @ LUMA, (0, 0), 1.5)
        return np.hypot(cv2.Sobel(luma, cv2.CV_32F, 1, 0), cv2.Sobel(luma, cv2.CV_32F, 0, 1))

    aligned, shifted = [], []
    for pair in plain_pairs:
        a, b = edges(pair.photo)[8:-8, 8:-8], edges(pair.drawn)
        aligned.append(np.corrcoef(a.ravel(), b[8:-8, 8:-8].ravel())[0, 1])
        shifted.append(np.corrcoef(a.ravel(), b[8:-8, 16:].ravel())[0, 1])
    assert np.mean(aligned) > np.mean(shifted) + 0.2


def test_outlines_are_inked_dark_and_only_there() -> None:
    canvas = _canvas(Layer(ellipse((128, 128), 70, 70), (0.75, 0.5, 0.4), round=40.0))
    drawn = _draw(canvas) @ LUMA
    yy, xx = np.mgrid[:128, :128] + 0.5
    radius = np.hypot(xx - 64, yy - 64)
    assert np.median(drawn[np.abs(radius - 35) < 0.4]) < 0.3
    assert drawn[radius < 31].min() > 0.3
    assert drawn[radius > 39].min() > 0.6


def test_hidden_outlines_are_not_drawn() -> None:
    crease = Stroke(np.array([(100.0, 128.0), (156.0, 128.0)]), 4.0)
    below = Layer(ellipse((128, 128), 40, 40), (0.7, 0.5, 0.4), strokes=[crease])
    over = Layer(box(20, 20, 236, 236), (0.5, 0.6, 0.7))
    drawn = _draw(_canvas(below, over)) @ LUMA
    assert drawn[20:108, 20:108].std() < 0.01


def test_one_group_shares_an_outline() -> None:
    left, right = (Layer(box(x, 60, x + 60, 200), (0.7, 0.5, 0.4), group=9) for x in (68, 128))
    joined = _draw(_canvas(left, right)) @ LUMA
    assert joined[40:90, 60:68].std() < 0.01


def test_creases_are_ink_in_the_drawing_and_soft_in_the_photograph() -> None:
    crease = Stroke(np.array([(60.0, 128.0), (196.0, 128.0)]), 4.0, taper=False)
    canvas = _canvas(Layer(box(40, 40, 216, 216), (0.7, 0.65, 0.6), strokes=[crease]))
    drawn = _draw(canvas) @ LUMA
    photo = photograph(canvas, falloff(canvas))[::2, ::2] @ LUMA
    assert drawn[63:65, 40:90].mean() < 0.25
    assert photo[63:65, 40:90].mean() > 0.4 * photo[40:50, 40:90].mean()


def test_heavier_lines_lay_more_ink() -> None:
    ring = Layer(ellipse((128, 128), 70, 70), (0.75, 0.5, 0.4), round=40.0)
    ink = [1 - float((_draw(_canvas(ring), Attributes(lines=lines)) @ LUMA).mean()) for lines in LINES]
    assert ink[0] < ink[1] < ink[2]
    canvas = _canvas(ring)
    thin, thick = outlines(canvas, [2.0, 4.0], np.ones(len(canvas.lines), np.float32))
    assert thick.sum() > 1.5 * thin.sum()


def test_shadow_falls_on_the_far_side_with_a_hard_edge() -> None:
    canvas = _canvas(Layer(ellipse((128, 128), 90, 90), (0.75, 0.5, 0.4), round=90.0))
    two, three = tones(canvas, three=False), tones(canvas, three=True)
    assert two[75, 75] == LIT
    assert two[180, 180] == SHADE
    assert DEEP in three[100:220, 100:220]
    assert DEEP not in two
    drawn = _draw(canvas)[..., 0]
    assert drawn[88:92, 88:92].mean() < 0.88 * drawn[36:40, 36:40].mean()
    assert len(np.unique(np.round(drawn[45:85, 45:85], 2))) < 12


def test_a_surface_lit_from_the_front_has_a_shaded_side_too() -> None:
    """Its darkest part is lighter than the light side of another, and is drawn as shade."""
    front = Light((-0.3, -0.2, 0.93), 0.4, (1, 1, 1), (1, 1, 1), 0.0)
    canvas = Canvas(256, front, np.random.default_rng(0))
    canvas.add(Layer(box(-4, -4, 260, 260), (0.8, 0.78, 0.74), line=0.0))
    canvas.add(Layer(ellipse((128, 128), 90, 90), (0.75, 0.5, 0.4), round=30.0))
    tone = tones(canvas, three=False)
    assert tone[128, 128] == LIT
    inside = canvas.ids == 2
    assert 0.03 < (tone[inside] == SHADE).mean() < 0.4


def test_hair_falls_into_locks_on_both_sides() -> None:
    head = Head((128, 128), 150, 0, 0, 0, (0.9, 0.7, 0.6), (0.6, 0.45, 0.28), (0.2, 0.1, 0.1))
    crown = ellipse((128, 128), 80, 80)
    plain = Layer(crown, head.hair, round=20.0)
    combed = replace(plain, strands=strands(head))
    edges, shades = [], []
    for layer in (plain, combed):
        canvas = _canvas(layer)
        tone = tones(canvas, three=False)[90:166, 90:166]
        edges.append(int((np.diff(tone, axis=1) != 0).sum()))
        shades.append(photograph(canvas, falloff(canvas))[90:166, 90:166] @ LUMA)
    assert edges[1] > 5 * edges[0] + 50
    assert shades[1].std() > 1.15 * shades[0].std()


def test_small_eyes_may_be_smudges_in_the_photograph_and_are_inked_all_the_same() -> None:
    head = Head((64, 64), 80, 0, 0, 0, (0.93, 0.75, 0.64), (0.1, 0.1, 0.1), (0.2, 0.1, 0.1))
    skin = Layer(box(-4, -4, 132, 132), head.skin, line=0.0)
    pictures = []
    for dim in (0.0, 0.7):
        canvas = Canvas(128, LIGHT, np.random.default_rng(0))
        for layer in (skin, *eye(head, 1, False, dim)):
            canvas.add(layer)
        pictures.append((photograph(canvas, falloff(canvas)) @ LUMA, canvas.strokes.copy(), canvas.drawn))
    (clear, ink, drawn), (dim, same_ink, same_drawn) = pictures
    assert np.array_equal(ink, same_ink)
    assert np.array_equal(drawn, same_drawn)
    at = np.s_[60:70, 70:84]
    assert dim[at].std() < 0.85 * clear[at].std()
    assert dim[at].mean() < clear[at].mean()


def test_an_animal_in_the_colour_of_its_floor_is_outlined() -> None:
    floor = (0.85, 0.8, 0.74)
    rng = np.random.default_rng(2)
    canvas = Canvas(256, LIGHT, rng)
    canvas.add(Layer(box(-4, -4, 260, 260), floor, line=0.0))
    for layer in animal(rng, (128, 200), 120, floor):
        canvas.add(layer)
    silhouette = (canvas.ids > 1)[::2, ::2]
    assert 0.05 < silhouette.mean() < 0.5
    edge = cv2.morphologyEx(silhouette.astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
    assert np.median((_draw(canvas) @ LUMA)[edge]) < 0.5


def test_a_pair_says_where_its_surfaces_are_rounded(plain_pairs: list[Pair]) -> None:
    shares = [pair.rounded.mean() for pair in plain_pairs]
    assert 0.1 < np.mean(shares) < 0.8
    assert plain_pairs[0].rounded.shape == plain_pairs[0].drawn.shape[:2]


def test_texture_stays_in_the_photograph() -> None:
    surface = Layer(box(20, 20, 236, 236), (0.5, 0.45, 0.4), texture=Texture("grit", 0.2))
    canvas = _canvas(surface)
    photo = photograph(canvas, falloff(canvas))[::2, ::2] @ LUMA
    assert photo[30:98, 30:98].std() > 0.02
    assert (_draw(canvas) @ LUMA)[30:98, 30:98].std() < 0.005


def test_faces_have_dark_marks_where_the_photograph_has_eyes() -> None:
    rng = np.random.default_rng(4)
    canvas = Canvas(256, LIGHT, rng)
    canvas.add(Layer(box(-4, -4, 260, 260), (0.8, 0.8, 0.8), line=0.0))
    for layer in person(rng, (128, 128), 190):
        canvas.add(layer)
    drawn = _draw(canvas) @ LUMA
    photo = photograph(canvas, falloff(canvas))[::2, ::2] @ LUMA
    face = (slice(50, 90), slice(35, 95))
    assert np.percentile(drawn[face], 2) < 0.2
    dark_drawn, dark_photo = drawn[face] < 0.25, photo[face] < np.percentile(photo[face], 15)
    assert (dark_drawn & dark_photo).sum() > 0.4 * dark_drawn.sum()


@pytest.mark.parametrize(
    ("palette", "moved"),
    [
        ("warm", lambda shift: shift[0] > 0.01 > shift[2] + 0.02),
        ("cool", lambda shift: shift[2] > 0.005 > shift[0] + 0.02),
        ("night", lambda shift: shift.mean() < -0.1 and shift[2] > shift[0]),
        ("pastel", lambda shift: shift.mean() > 0.05),
    ],
)
def test_palette_moves_the_drawing(palette: str, moved: Callable[[np.ndarray], bool]) -> None:
    shifts = []
    for seed in range(4):
        neutral = render_pair(np.random.default_rng([2, seed]), 96, Attributes())
        other = render_pair(np.random.default_rng([2, seed]), 96, Attributes(palette))
        shifts.append((other.drawn - neutral.drawn).mean((0, 1)))
    assert moved(np.mean(shifts, axis=0))


def test_a_painted_background_keeps_light_and_shade_and_leaves_the_subject_flat() -> None:
    wall = Layer(
        box(-4, -4, 260, 260), (0.6, 0.6, 0.7), line=0.0, depth=1.0, texture=Texture("concrete", 0.3)
    )
    canvas = _canvas(wall, Layer(box(100, 100, 256, 256), (0.5, 0.3, 0.3), texture=Texture("concrete", 0.3)))
    flat, painted = (_draw(canvas, Attributes(background=name)) @ LUMA for name in BACKGROUNDS)
    assert painted[5:40, 5:120].std() > 3 * flat[5:40, 5:120].std()
    assert np.abs(painted - flat)[60:120, 60:120].max() < 0.01


def test_caption_names_the_attributes() -> None:
    assert Attributes().caption() == "anime, neutral palette, medium lines, two tone shading, flat background"
    assert render_pair(np.random.default_rng(1), 64, Attributes("cool")).caption.startswith(
        "anime, cool palette"
    )


@pytest.mark.parametrize(
    "wrong", [{"palette": "sepia"}, {"lines": "bold"}, {"tones": "five"}, {"background": "plaid"}]
)
def test_unknown_words_are_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="must be one of"):
        Attributes(**wrong)


def test_the_default_attributes_are_the_most_frequent() -> None:
    rng = np.random.default_rng(0)
    all_attributes = [Attributes.draw(rng) for _ in range(600)]
    plain = np.mean([(each.palette, each.lines) == ("neutral", "medium") for each in all_attributes])
    assert abs(plain - (PLAIN_SHARE + (1 - PLAIN_SHARE) / 15)) < 0.06
    assert {each.palette for each in all_attributes} == set(PALETTES)
    assert {each.lines for each in all_attributes} == set(LINES)
    assert {each.tones for each in all_attributes} == set(TONES)
    assert {each.background for each in all_attributes} == set(BACKGROUNDS)


def test_defocus_spares_what_is_near() -> None:
    camera = Camera(
        (1, 1, 1), 1, 1, 0, blur=0, bokeh=3, shake=0, shake_angle=0, noise=0, quality=100, vignette=0
    )
    stripes = np.tile((np.arange(64) // 2 % 2).astype(np.float32)[None, :, None], (64, 1, 3))
    depth = np.zeros((64, 64), np.float32)
    depth[:, 32:] = 1
    taken = camera.through_lens(stripes, depth)
    assert taken[:, 4:28].std() > 0.4
    assert taken[:, 38:60].std() < 0.1


def test_sheet_is_written(tmp_path: Path) -> None:
    out = tmp_path / "sheet.png"
    command = [
        sys.executable,
        "-m",
        "training.base.scenes",
        str(out),
        "--columns",
        "2",
        "--rows",
        "1",
        "--size",
        "64",
    ]
    subprocess.run(command, check=True)
    assert cv2.imread(str(out)).shape == (2 * 2 * 64, 2 * 2 * 64, 3)
