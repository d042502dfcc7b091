from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from benchmarks.steady.__main__ import planted
from benchmarks.steady.film import Film
from deflicker import DIS, OpenCVEngine, SteadySettings, metrics, steady, steady_frame, steady_part
from deflicker.window import Window

QUICK = SteadySettings(offsets=(1,), colour_offsets=(1,), far_offsets=(2,))
"""A lookaround of 6, so that short films have an inside."""


@pytest.fixture(scope="module")
def steadied(film: Film) -> list[np.ndarray]:
    return list(steady(film.drawn, film.source, film.shots))


@pytest.fixture(scope="module")
def quick(film: Film) -> list[np.ndarray]:
    return list(steady(film.drawn, film.source, film.shots, QUICK))


def exact_error(film: Film, frames: list[np.ndarray], k: int) -> float:
    start, end = film.shots[0]
    return float(
        np.mean(
            [
                metrics.warp_error(frames[t], frames[t + k], *film.exact_flow(t, t + k))
                for t in range(start, end - k)
            ]
        )
    )


def mean_psnr(frames: list[np.ndarray], clean: list[np.ndarray]) -> float:
    return float(np.mean([metrics.psnr(a, b) for a, b in zip(frames, clean, strict=True)]))


def test_flicker_goes_and_sharpness_stays(film: Film, steadied: list[np.ndarray]) -> None:
    assert exact_error(film, steadied, 1) < exact_error(film, film.drawn, 1) / 8
    assert exact_error(film, steadied, 8) < exact_error(film, film.drawn, 8) / 3
    assert mean_psnr(steadied, film.clean) > mean_psnr(film.drawn, film.clean) + 3.5
    assert np.mean([metrics.sharpness(a, b) for a, b in zip(steadied, film.clean, strict=True)]) > 0.85


def test_output_is_float32_rgb_in_range(film: Film, steadied: list[np.ndarray]) -> None:
    assert len(steadied) == len(film.drawn)
    for frame, drawn in zip(steadied, film.drawn, strict=True):
        assert frame.shape == drawn.shape
        assert frame.dtype == np.float32
        assert frame.min() >= 0
        assert frame.max() <= 1


def test_a_clean_film_keeps_its_pixels(film: Film) -> None:
    start, end = film.shots[1]
    clean = film.clean[start:end]
    frames = list(steady(clean, film.source[start:end], [(0, end - start)]))
    assert mean_psnr(frames, clean) > 60
    grainy = [planted("none").plant(frame, 1, n) for n, frame in enumerate(clean)]
    frames = list(steady(grainy, film.source[start:end], [(0, end - start)]))
    assert mean_psnr(frames, clean) > mean_psnr(grainy, clean) - 0.5


def test_a_mark_that_pops_up_in_a_calm_film_goes(film: Film) -> None:
    popped = [frame.copy() for frame in film.clean[:12]]
    for t in (5, 6, 7):  # it stays for a while, so that its next frames confirm it
        popped[t][60:80, 100:120] = 0.9
    frames = list(steady(popped, film.source[:12], [(0, 12)]))
    for t in (5, 6, 7):
        left, given = (np.abs(each[t] - film.clean[t])[60:80, 100:120].mean() for each in (frames, popped))
        assert left < 0.35 * given
    np.testing.assert_array_equal(frames[0][:, 200:], popped[0][:, 200:])


def test_what_moves_leaves_no_ghost(film: Film, steadied: list[np.ndarray]) -> None:
    """Where the next frames hide or reveal something, the clean film is no farther than elsewhere by much."""
    t = 6
    hidden = ~film.exact_flow(t, t + 2)[1] | ~film.exact_flow(t, t - 2)[1]
    before = np.abs(film.drawn[t] - film.clean[t])[hidden].mean()
    assert np.abs(steadied[t] - film.clean[t])[hidden].mean() < before


def test_shots_do_not_touch_each_other_by_a_bit(film: Film, quick: list[np.ndarray]) -> None:
    (_, cut), (_, end) = film.shots
    for first, last in film.shots:
        alone = list(steady(film.drawn[first:last], film.source[first:last], [(0, last - first)], QUICK))
        assert all(np.array_equal(a, b) for a, b in zip(alone, quick[first:last], strict=True))
    other = [*film.drawn[:cut], *(np.zeros_like(f) for f in film.drawn[cut:end])]
    changed = list(steady(other, film.source, film.shots, QUICK))
    assert all(np.array_equal(a, b) for a, b in zip(changed[:cut], quick[:cut], strict=True))
    assert all(not frame.any() for frame in changed[cut:])


@pytest.mark.parametrize("chunk", [5, 12])
def test_chunks_never_change_a_pixel(film: Film, quick: list[np.ndarray], chunk: int) -> None:
    start, end = film.shots[0]
    for first in range(start, end, chunk):
        last = min(first + chunk, end)
        given = range(max(start, first - QUICK.lookaround), min(end, last + QUICK.lookaround))
        near = (frames[given.start : given.stop] for frames in (film.drawn, film.source))
        wanted = range(first, last)
        for index, frame in zip(wanted, steady_part(*near, given, wanted, QUICK), strict=True):
            assert np.array_equal(frame, quick[index]), f"frame {index} in chunks of {chunk}"


@pytest.mark.parametrize("index", [0, 6])
def test_a_frame_alone_is_the_same(film: Film, quick: list[np.ndarray], index: int) -> None:
    start, end = film.shots[0]
    alone = steady_frame(film.drawn[start:end], film.source[start:end], index, QUICK)
    assert np.array_equal(alone, quick[index])


def test_default_settings_too_are_the_same_alone(film: Film, steadied: list[np.ndarray]) -> None:
    alone = steady_frame(film.drawn[:12], film.source[:12], 5)
    assert np.array_equal(alone, steadied[5])


def test_a_frame_depends_on_its_lookaround_and_on_nothing_beyond(film: Film) -> None:
    settings = SteadySettings(offsets=(1,), colour_offsets=(1,), far_offsets=())
    drawn, source = film.drawn[:9], film.source[:9]
    before = steady_frame(drawn, source, 2, settings)
    touched = {}
    for index in (5, 6):
        other = [frame.copy() for frame in drawn]
        other[index] = 1 - other[index]
        touched[index] = not np.array_equal(before, steady_frame(other, source, 2, settings))
    assert settings.lookaround == 3
    assert touched == {5: True, 6: False}


def test_the_stream_reads_only_its_lookaround_ahead(film: Film) -> None:
    read = 0

    def counted() -> Iterator[np.ndarray]:
        nonlocal read
        for frame in film.drawn:
            read += 1
            yield frame

    for index, _ in enumerate(steady(counted(), film.source, [(0, len(film.drawn))], QUICK)):
        assert read <= index + QUICK.lookaround + 1


def test_memory_is_bounded_by_the_window(film: Film, monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[dict[str, int]] = []
    steadied = Window.steadied

    def watched(window: Window, t: int) -> np.ndarray:
        frame = steadied(window, t)
        kept = {name: len(cache) for name, cache in window._caches.items()}
        for number, level in enumerate(window._motion.levels):
            kept |= {f"guide {number}": len(level.guide), f"steps {number}": len(level.steps[1])}
        held.append(kept)
        return frame

    monkeypatch.setattr(Window, "steadied", watched)
    frames = (film.drawn[:12] + film.drawn[:12][::-1]) * 2
    guides = (film.source[:12] + film.source[:12][::-1]) * 2
    list(steady(frames, guides, [(0, len(frames))], QUICK))
    assert len(held) == len(frames)
    assert all(count <= 2 * QUICK.lookaround + 1 for record in held for count in record.values())
    assert held[16] == held[32]


def test_a_window_that_is_done_with_is_freed_at_once(film: Film) -> None:
    """Nothing in it refers back to it: a film of many shots must not wait for the garbage collector."""
    gc.disable()
    try:
        window = Window(QUICK, DIS(QUICK.guide_height), OpenCVEngine())
        for t in range(4):
            window.add_drawn(t, film.drawn[t])
            window.add_source(t, film.source[t])
        window.steadied(0)
        freed = weakref.ref(window)
        del window
        assert freed() is None
    finally:
        gc.enable()


def test_short_and_black_shots(film: Film) -> None:
    black = [np.zeros_like(film.drawn[0])] * 3
    drawn = [film.drawn[0], *black, film.drawn[1], film.drawn[2]]
    source = [film.source[0], *black, film.source[1], film.source[2]]
    frames = list(steady(drawn, source, [(0, 1), (1, 4), (4, 6)]))
    np.testing.assert_array_equal(frames[0], drawn[0])
    assert all(not frame.any() for frame in frames[1:4])
    assert all(np.isfinite(frame).all() for frame in frames)


@pytest.mark.parametrize("size", [(1, 1), (3, 50), (17, 9)])
def test_odd_and_tiny_sizes(size: tuple[int, int]) -> None:
    frames = [np.random.default_rng(n).random((*size, 3)).astype(np.float32) for n in range(4)]
    assert [f.shape for f in steady(frames, frames, [(0, 4)])] == [(*size, 3)] * 4


def test_a_frame_larger_than_the_draft_is_steadied_in_its_detail_too(film: Film) -> None:
    settings = SteadySettings(offsets=(1, 2), colour_offsets=(1, 2), far_offsets=(3,), guide_height=96)
    frames = list(steady(film.drawn[:12], film.source[:12], [(0, 12)], settings))
    assert exact_error(film, frames, 1) < exact_error(film, film.drawn, 1) / 8
    assert mean_psnr(frames, film.clean[:12]) > mean_psnr(film.drawn[:12], film.clean[:12]) + 3.5
    assert np.mean([metrics.sharpness(a, b) for a, b in zip(frames, film.clean, strict=False)]) > 0.85
    alone = steady_frame(film.drawn[:12], film.source[:12], 7, settings)
    assert np.array_equal(alone, frames[7])


def test_threads_change_no_bit(film: Film) -> None:
    drawn, source, settings = (
        film.drawn[:6],
        film.source[:6],
        SteadySettings(guide_height=100, far_offsets=(2,)),
    )
    alone = list(steady(drawn, source, [(0, 6)], settings))
    cv2.setNumThreads(3)
    for one, other in zip(alone, steady(drawn, source, [(0, 6)], settings), strict=True):
        np.testing.assert_array_equal(one, other)


def test_large_drawings_that_can_be_read_again_are_not_held(
    film: Film, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = SteadySettings(offsets=(1,), colour_offsets=(1,), far_offsets=(2,), guide_height=96)
    held: list[int] = []
    steadied = Window.steadied

    def watched(window: Window, t: int) -> np.ndarray:
        frame = steadied(window, t)
        held.append(len(window))
        return frame

    streamed = list(steady(iter(film.drawn[:12]), film.source[:12], [(0, 12)], settings))
    monkeypatch.setattr(Window, "steadied", watched)
    again = list(steady(film.drawn[:12], film.source[:12], [(0, 12)], settings))
    assert max(held) <= 3
    assert all(np.array_equal(a, b) for a, b in zip(streamed, again, strict=True))


def test_strength_nothing_gives_the_drawing_back(film: Film) -> None:
    frames = list(steady(film.drawn[:4], film.source[:4], [(0, 4)], SteadySettings(strength=0)))
    assert all(np.array_equal(a, b) for a, b in zip(frames, film.drawn[:4], strict=True))


def test_an_empty_film_is_empty() -> None:
    assert list(steady([], [], [])) == []


def test_wrong_input_raises_a_sentence(film: Film) -> None:
    drawn, source = film.drawn[:4], film.source[:4]
    hurt = [frame.copy() for frame in drawn]
    hurt[2][5, 5, 1] = np.nan
    cases = [
        ((hurt, source, [(0, 4)]), "stylized frame 2 holds NaN"),
        ((drawn, [f[:-1] for f in source], [(0, 4)]), "256 x 144, but its source is 256 x 143"),
        (([drawn[0], drawn[1][:50]], [source[0], source[1][:50]], [(0, 2)]), "frame 1 is 256 x 50"),
        ((drawn[:3], source, [(0, 4)]), "stylized film ends after 3 frames; its shot goes on to 4"),
        ((drawn, source[:3], [(0, 4)]), "source film ends after 3 frames"),
        ((drawn, source, [(0, 3)]), "stylized film goes on after frame 2"),
        ((drawn, source, [(0, 2), (3, 4)]), "without gaps"),
        ((drawn, source, [(0, 0), (0, 4)]), "without gaps"),
        (([(f * 255).astype(np.uint8) for f in drawn], source, [(0, 4)]), "uint8: give float32"),
        (([f * 255 for f in drawn], source, [(0, 4)]), "give float32 RGB in"),
        (([f[..., 0] for f in drawn], source, [(0, 4)]), "must be an RGB array"),
    ]
    for (stylized, guide, shots), sentence in cases:
        with pytest.raises(ValueError, match=sentence):
            list(steady(stylized, guide, shots))
    with pytest.raises(ValueError, match="frame 4 was asked of 4"):
        steady_frame(drawn, source, 4)
    with pytest.raises(ValueError, match="3 stylized frames for 4 source"):
        steady_frame(drawn[:3], source, 0)
    for wanted in (range(2, 5), range(2, 2)):
        with pytest.raises(ValueError, match=r"were asked of range\(0, 4\)"):
            steady_part(drawn, source, range(4), wanted)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"offsets": ()}, "offsets must be"),
        ({"colour_offsets": (0, 1)}, "colour_offsets must be"),
        ({"strength": 1.5}, "strength must lie"),
        ({"far_offsets": (0,)}, "far_offsets must be"),
        ({"alignment": 30}, "alignment must lie"),
        ({"colour_width": 0.0}, "colour_width must be above"),
        ({"guide_height": 10}, "guide_height must be at least"),
    ],
)
def test_wrong_settings_are_refused(wrong: dict, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        SteadySettings(**wrong)
