"""Finds the faces of a clip that are worth drawing again: seen once, and chosen by what a film asks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stylize.footage.clip import Clip, Shot
from stylize.footage.decoder import pick_frames, read_pictures
from stylize.footage.faces.detector import FaceDetector
from stylize.footage.faces.found import FoundFace
from stylize.footage.faces.link import Sightings, link, squares_of
from stylize.footage.faces.tracks import FaceTrack
from stylize.footage.picture import upright

LOOKS_A_SECOND = 8
"""A face is looked for so often; between, it is where the ways from look to look pass."""
AT_ONCE = 8
"""Pictures that are held and looked at by the threads there are."""
SEEN_PX = 540
"""The short side of the pictures in which faces are looked for, at most."""
GAP_S, SHORTEST_S = 0.6, 0.4
"""How long a face may be unseen, and the least time for which it is followed, unless its shot is shorter."""
CALM_S = 0.08


@dataclass(frozen=True)
class FaceLimits:
    """Which faces count.

    Attributes:
        confidence: how sure the detector must be, 0 to 1.
        narrowest: the least width, px of the clip.
        widest: faces at least so wide are drawn well enough without, px of the clip.
        most: in a frame; the largest are taken.
        margin: the side of the square around a face, in sides of the face.
    """

    confidence: float
    narrowest: float
    widest: float
    most: int
    margin: float


def see_faces(clip: Clip, shots: Sequence[Shot], detector: FaceDetector) -> list[list[Sightings]]:
    """All faces of each of these shots, followed through it.

    A stream: no more than a few pictures are held at a time.

    Raises:
        FootageError: the clip is damaged.
    """
    step = max(1, round(float(clip.rate) / LOOKS_A_SECOND))
    looks = sorted(
        {number for shot in shots for number in (*range(shot.start, shot.end, step), shot.end - 1)}
    )
    shot_of = {number: place for place, shot in enumerate(shots) for number in range(shot.start, shot.end)}
    found = _looked(_pictures(clip, looks), clip, detector)
    longest_gap = max(step, round(GAP_S * float(clip.rate)))
    return [link(seen, longest_gap) for _, seen in groupby(found, key=lambda pair: shot_of[pair[0]])]


def choose_faces(
    seen: Sequence[list[Sightings]], shots: Sequence[Shot], clip: Clip, limits: FaceLimits
) -> tuple[FaceTrack, ...]:
    """Those of the faces seen in each shot that are within the limits, ordered by shot and first frame."""
    chosen = (_of_shot(faces, shot, clip, limits) for faces, shot in zip(seen, shots, strict=True))
    return tuple(track for tracks in chosen for track in tracks)


def _of_shot(seen: list[Sightings], shot: Shot, clip: Clip, limits: FaceLimits) -> list[FaceTrack]:
    least = min(len(shot), SHORTEST_S * float(clip.rate))
    counted = [
        each
        for each in seen
        if each.score >= limits.confidence
        and limits.narrowest <= each.width < limits.widest
        and each.frames[-1] - each.frames[0] + 1 >= least
    ]
    tracks: list[FaceTrack] = []
    for each in sorted(counted, key=lambda face: -face.width):
        first, last = each.frames[0], each.frames[-1]
        taken = {track.slot for track in tracks if track.start <= last and first < track.end}
        slot = next((slot for slot in range(limits.most) if slot not in taken), None)
        if slot is not None:
            squares = squares_of(each, limits.margin, CALM_S * float(clip.rate))
            tracks.append(FaceTrack(first, squares, slot, first > shot.start, last < shot.end - 1))
    return sorted(tracks, key=lambda track: (track.start, track.slot))


def _looked(
    pictures: Iterator[tuple[int, NDArray[np.uint8]]], clip: Clip, detector: FaceDetector
) -> Iterator[tuple[int, list[FoundFace]]]:
    """Looks at several pictures at a time."""
    from deflicker.threads import each

    while some := list(islice(pictures, AT_ONCE)):
        faces = each(lambda picture: _look(picture, clip, detector), [picture for _, picture in some])
        yield from zip([number for number, _ in some], faces, strict=True)


def _look(picture: NDArray[np.uint8], clip: Clip, detector: FaceDetector) -> list[FoundFace]:
    """The faces of a picture, in pixels of the clip."""
    factor = clip.width / picture.shape[1]
    return [face.scaled(factor) for face in detector.find(picture)]


def _pictures(clip: Clip, numbers: Sequence[int]) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """These frames as BGR of 8 bits, scaled down to the size in which faces are looked for."""
    scale = min(1.0, SEEN_PX / min(clip.width, clip.height))
    size = (max(1, round(clip.width * scale)), max(1, round(clip.height * scale)))
    if clip.lies_in_pictures:
        for frame in pick_frames(clip, numbers):
            yield frame.index, _small_pixels(frame.pixels, size)
        return
    wanted = frozenset(numbers)
    for number, picture in read_pictures(clip, numbers[0], numbers[-1] + 1):
        if number in wanted:
            yield number, _small_picture(picture, clip, size)


def _small_pixels(pixels: Any, size: tuple[int, int]) -> NDArray[np.uint8]:
    import cv2

    small = cv2.resize(pixels[..., 2::-1], size, interpolation=cv2.INTER_AREA)
    return np.rint(np.clip(small, 0, 1) * 255).astype(np.uint8)


def _small_picture(picture: Any, clip: Clip, size: tuple[int, int]) -> NDArray[np.uint8]:
    width, height = size[::-1] if clip.rotation in (90, 270) else size
    small = picture.reformat(width=width, height=height, format="bgr24", interpolation="AREA").to_ndarray()
    return upright(small, clip.rotation, clip.mirrored)
