"""Where a clip cuts from one shot to the next, by PySceneDetect's detectors on our own frames.

Two of them look at every frame: `AdaptiveDetector` finds hard cuts, as changes that stand out from their
neighbours (so a fast pan is none), and `ThresholdDetector` finds fades through black, and puts one cut in
the middle of the black. What the first one sees at the edges of the same black is not a second cut.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stylize.errors import FootageError
from stylize.footage.clip import Clip, Frame, Pixels, Shot
from stylize.footage.decoder import check_range, read_frames, read_pictures
from stylize.footage.picture import upright

SHORTEST_SHOT_S = 0.25
SHORTEST_FADE_S = 0.6
"""How long a shot lasts at least before a fade through black ends it; shorter ones are blinks."""
BLACK = 12
"""Mean 8-bit level below which a picture is black, PySceneDetect's own."""
SMALL_PX = 256
"""About how wide the pictures are that the detectors see."""


def find_shots(
    clip: Clip, *, start: int = 0, end: int | None = None, frames: Iterable[Frame] | None = None
) -> list[Shot]:
    """The shots of a clip, or of its frames `start` to `end`, in order and without gaps.

    A stream: the clip is decoded once, small, and nothing is kept but the cuts.

    Args:
        frames: the range's frames, where they are decoded already; else they are read from the clip.

    Raises:
        UsageError: the range lies outside the clip.
        FootageError: the clip is damaged, or `frames` are not the range's.
    """
    end = clip.frame_count if end is None else end
    check_range(clip, start, end)
    if frames is not None:
        pictures: Iterator[tuple[int, NDArray[np.uint8]]] = ((f.index, _small(f.pixels)) for f in frames)
    elif clip.lies_in_pictures:
        pictures = ((f.index, _small(f.pixels)) for f in read_frames(clip, start, end))
    else:
        pictures = ((index, _small_picture(p, clip)) for index, p in read_pictures(clip, start, end))
    cuts = _cuts(pictures, clip, start, end)
    edges = [start, *cuts, end]
    return [Shot(first, last) for first, last in pairwise(edges)]


def _cuts(pictures: Iterator[tuple[int, NDArray[np.uint8]]], clip: Clip, start: int, end: int) -> list[int]:
    from scenedetect import FrameTimecode
    from scenedetect.detectors import AdaptiveDetector, ThresholdDetector

    changes = AdaptiveDetector(min_scene_len=SHORTEST_SHOT_S)
    fades = ThresholdDetector(threshold=BLACK, min_scene_len=SHORTEST_FADE_S)
    hard: list[int] = []
    soft: list[int] = []
    blacks: list[tuple[int, int]] = []
    due = start
    for index, picture in pictures:
        if index != due:
            raise FootageError(f"Frame {index} came where frame {due} belongs.", where=clip.path)
        due += 1
        if picture.mean() < BLACK:
            began = blacks.pop()[0] if blacks and blacks[-1][1] == index else index
            blacks.append((began, index + 1))
        time = FrameTimecode(index - start, fps=clip.rate)
        hard += [start + cut.frame_num for cut in changes.process_frame(time, picture)]
        soft += [start + cut.frame_num for cut in fades.process_frame(time, picture)]
    if due != end:
        raise FootageError(f"Only {due - start} of {end - start} frames came.", where=clip.path)
    faded = [(began, ended) for began, ended in blacks if ended == end or _any_within(soft, began, ended)]
    hard = [cut for cut in hard if not any(began <= cut <= ended for began, ended in faded)]
    return sorted(cut for cut in {*hard, *soft} if start < cut < end)


def _any_within(cuts: list[int], began: int, ended: int) -> bool:
    return any(began <= cut <= ended for cut in cuts)


def _small_picture(picture: Any, clip: Clip) -> NDArray[np.uint8]:
    factor = max(1, round(picture.width / SMALL_PX))
    width, height = max(1, picture.width // factor), max(1, picture.height // factor)
    small = picture.reformat(width=width, height=height, format="bgr24", interpolation="AREA").to_ndarray()
    return upright(small, clip.rotation, clip.mirrored)


def _small(pixels: Pixels) -> NDArray[np.uint8]:
    import cv2

    factor = max(1, round(pixels.shape[1] / SMALL_PX))
    size = (max(1, pixels.shape[1] // factor), max(1, pixels.shape[0] // factor))
    small = cv2.resize(pixels[..., 2::-1], size, interpolation=cv2.INTER_AREA)
    return np.rint(np.clip(small, 0, 1) * 255).astype(np.uint8)
