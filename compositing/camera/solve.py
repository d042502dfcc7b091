"""A shot's camera from its picture: what kind of move it is, the move itself, and how well it fits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from compositing.camera import rotation, translation
from compositing.camera.marks import FEWEST, Image, Marks, Mask, follow
from compositing.camera.record import CV_FROM_CAMERA, Camera, Kind, full_frame
from compositing.camera.smooth import smoothed
from compositing.errors import CannotSolve

Floats = NDArray[np.float64]

LOCKED_PX = 0.4
"""Marks that stay this near on average, in every frame, belong to a locked camera: px, at up to 720 rows."""
ROTATION_PX = 0.5
"""A turn that explains the marks this well is taken for one."""
STRAYS = 4.0
"""Marks that miss by this many medians, and by over a pixel, are not on the set."""
SOUND = 0.6
"""The share of the observations that a move must explain."""
UNSURE = 0.05
"""Relative spread of the focal length from which on the report warns of it."""
CV_FROM_CAMERA_4 = np.diag([1.0, -1.0, -1.0, 1.0])


@dataclass(frozen=True)
class SolveSettings:
    """What is known of a shot's camera beforehand, and how it is solved.

    Attributes:
        kind: locked, rotation or translating; None to find out.
        focal_mm: where it is known.
        film_back_mm: width and height; by default a full frame's 36 mm, as only the field of view can be seen.
        distance_m: from the first frame's camera to the set (the median of the marks): the scale of a move.
        smooth_s: the spread, in seconds, of the filter over the solved path; 0 for none.
    """

    kind: Kind | None = None
    focal_mm: float | None = None
    film_back_mm: tuple[float, float] | None = None
    distance_m: float = 4.0
    smooth_s: float = 0.04


@dataclass(frozen=True)
class SolveReport:
    """How a camera was solved, and how well.

    `mean_px`, `worst_px` (95 of 100 observations miss by less) and `frame_px` (mean by frame) are reprojection
    errors over the marks on the set, after smoothing; `marks` and `fewest` say how many there were in all and in
    the poorest frame, `explained` which share of the observations lay on the set. `focal_mm_sd` is None where the
    method does not tell it or the lens was given.
    """

    kind: Kind
    mean_px: float
    worst_px: float
    frame_px: tuple[float, ...]
    marks: int
    fewest: int
    explained: float
    focal_mm: float
    focal_mm_sd: float | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class SolvedCamera:
    camera: Camera
    report: SolveReport


@dataclass(frozen=True)
class Shot:
    """What is known of a shot: its picture's size, px, its rate, its film back, and its first frame's number."""

    size: tuple[int, int]
    fps: Fraction
    film_back_mm: tuple[float, float]
    first_frame: int

    @property
    def pixels_per_mm(self) -> tuple[float, float]:
        return self.size[0] / self.film_back_mm[0], self.size[1] / self.film_back_mm[1]

    def camera(self, world: Floats, focal_mm: float, k1: float = 0.0) -> Camera:
        """A camera with these poses, (N, 4, 4), and one lens."""
        return Camera(
            world,
            np.full(len(world), focal_mm),
            self.film_back_mm,
            self.size,
            self.fps,
            self.first_frame,
            distortion=(k1, 0.0, 0.0, 0.0, 0.0),
        )


def solve_camera(
    frames: Iterable[Image],
    size: tuple[int, int],
    fps: Fraction,
    *,
    masks: Iterable[Mask | None] | None = None,
    settings: SolveSettings = SolveSettings(),
    first_frame: int = 0,
) -> SolvedCamera:
    """Solves the camera of one shot.

    The first frame's camera is the world: it stands at the origin and looks along -Z.

    Args:
        frames: (H, W, 3) float32 RGB in [0, 1], display-referred: read once, never held.
        size: (W, H).
        fps: frames a second.
        masks: (H, W) bool, true where the subject is; without them, whatever moves must be a minority.
        settings: see there.
        first_frame: what the record calls its first frame.

    Raises:
        CannotSolve: too few marks, or marks that fit no camera; the hint says what to do.
        MissingPackage: the camera moves, and pycolmap is not installed.
    """
    return solve_marks(follow(frames, masks), size, fps, settings=settings, first_frame=first_frame)


def solve_marks(
    marks: Marks,
    size: tuple[int, int],
    fps: Fraction,
    *,
    settings: SolveSettings = SolveSettings(),
    first_frame: int = 0,
) -> SolvedCamera:
    """Solves the camera of one shot from marks that were followed already; in all else as `solve_camera`."""
    shot = Shot(size, fps, settings.film_back_mm or full_frame(size), first_frame)
    try:
        return _solved(marks, shot, settings)
    except np.linalg.LinAlgError as error:
        raise CannotSolve("The marks fit no camera.", hint="say what kind of move it is") from error


def _solved(marks: Marks, shot: Shot, settings: SolveSettings) -> SolvedCamera:
    kind, counts = settings.kind, marks.counts()
    locked = kind == "locked" or (kind is None and len(marks) > 0 and _is_locked(marks, shot.size))
    if locked:
        return _locked(marks, shot, settings)
    if counts.min() < FEWEST:
        poorest = int(counts.argmin())
        raise CannotSolve(
            f"Frame {shot.first_frame + poorest} shows {counts[poorest]} marks to hold on to, "
            f"and {FEWEST} are needed.",
            hint="a bare screen has none; say that the camera is locked, or set it by keyframes or a camera file",
        )
    if kind != "translating":
        turning = _turning(marks, shot, settings)
        fits = turning.report.mean_px <= ROTATION_PX * max(1.0, shot.size[1] / 1080)
        if kind == "rotation" or (fits and turning.report.explained >= SOUND):
            return turning
    return _moving(marks, shot, settings)


def _is_locked(marks: Marks, size: tuple[int, int]) -> bool:
    """Whether every frame shows its marks where they are on average."""
    away = np.linalg.norm(marks.place - _medians(marks)[marks.mark], axis=1)
    limit = LOCKED_PX * max(1.0, size[1] / 720)
    return all(np.median(away[marks.frame == number]) < limit for number in np.unique(marks.frame))


def _medians(marks: Marks) -> Floats:
    order = np.argsort(marks.mark, kind="stable")
    parts = np.split(marks.place[order], np.cumsum(np.bincount(marks.mark))[:-1])
    return np.array([np.median(part, axis=0) for part in parts])


def _locked(marks: Marks, shot: Shot, settings: SolveSettings) -> SolvedCamera:
    focal = settings.focal_mm or 35.0
    world = np.tile(np.eye(4), (marks.frames, 1, 1))
    notes = () if settings.focal_mm else ("A locked camera does not show its lens: 35 mm is assumed.",)
    return SolvedCamera(shot.camera(world, focal), _report_locked(marks, focal, notes))


def _turning(marks: Marks, shot: Shot, settings: SolveSettings) -> SolvedCamera:
    across, up = shot.pixels_per_mm
    focal_px = settings.focal_mm * across if settings.focal_mm else None
    bundle = rotation.solve_rotation(marks, shot.size, focal_px=focal_px, aspect=up / across)
    world = np.tile(np.eye(4), (marks.frames, 1, 1))
    world[:, :3, :3] = bundle.rotation.transpose(0, 2, 1) @ CV_FROM_CAMERA
    world = CV_FROM_CAMERA_4 @ world
    points = bundle.directions @ CV_FROM_CAMERA * 1e6  # so far away that a camera's place is nothing
    camera = shot.camera(world, bundle.focal_px / across, bundle.k1)
    spread = bundle.focal_sd_px / across if focal_px is None else None
    return _finish("rotation", camera, marks, points, spread, settings)


def _moving(marks: Marks, shot: Shot, settings: SolveSettings) -> SolvedCamera:
    across = shot.pixels_per_mm[0]
    focal_px = settings.focal_mm * across if settings.focal_mm else None
    path = translation.solve_translation(marks, shot.size, focal_px=focal_px)
    world = np.tile(np.eye(4), (marks.frames, 1, 1))
    world[:, :3, :3] = path.rotation.transpose(0, 2, 1) @ CV_FROM_CAMERA
    world[:, :3, 3] = -np.einsum("kba,kb->ka", path.rotation, path.shift)
    home = np.linalg.inv(world[0])
    points = path.points @ home[:3, :3].T + home[:3, 3]
    first = marks.mark[marks.frame == 0]
    scale = settings.distance_m / float(np.nanmedian(-points[first, 2]))
    camera = shot.camera(home @ world, path.focal_px / across, path.k1).moved(np.eye(4), scale)
    return _finish("translating", camera, marks, points * scale, None, settings)


def _finish(
    kind: Kind, camera: Camera, marks: Marks, points: Floats, spread: float | None, settings: SolveSettings
) -> SolvedCamera:
    """Smooths the path as far as the marks allow, and reports."""
    miss = reprojection(camera, marks, points)
    known = np.isfinite(miss)
    sound = known & (miss < max(STRAYS * float(np.median(miss[known])), 1.0))
    camera = smoothed(camera, marks.where(sound), points[np.unique(marks.mark[sound])], settings.smooth_s)
    miss = reprojection(camera, marks, points)
    focal = float(camera.focal_mm[0])
    notes = []
    if spread is not None and spread > UNSURE * focal:
        notes.append(
            f"The turn is too small to tell the lens: {focal:.0f} mm, give or take {spread:.0f}; "
            "give the focal length if you know it."
        )
    if kind == "translating":
        notes.append(
            f"A picture does not show its scale: the set is taken to be {settings.distance_m:g} m away."
        )
        if settings.focal_mm is None:
            notes.append(
                "Before a flat wall a move hardly tells the lens: give the focal length if you know it."
            )
    by_frame = np.bincount(marks.frame[sound], miss[sound], minlength=marks.frames)
    counts = np.bincount(marks.frame[sound], minlength=marks.frames)
    report = SolveReport(
        kind,
        float(miss[sound].mean()),
        float(np.percentile(miss[sound], 95)),
        tuple(float(each) for each in by_frame / np.maximum(counts, 1)),
        marks.marks,
        int(counts.min()),
        float(sound.mean()),
        focal,
        spread,
        tuple(notes),
    )
    return SolvedCamera(camera, report)


def reprojection(camera: Camera, marks: Marks, points: Floats) -> Floats:
    """How far each observation lies from its point as the camera sees it, (K,) px; NaN where it has none."""
    miss = np.empty(len(marks))
    for number in range(marks.frames):
        here = np.flatnonzero(marks.frame == number)
        seen, _ = camera.view(number).project(points[marks.mark[here]])
        miss[here] = np.linalg.norm(seen - marks.place[here], axis=1)
    return miss


def _report_locked(marks: Marks, focal: float, notes: tuple[str, ...]) -> SolveReport:
    if not len(marks):
        return SolveReport("locked", 0.0, 0.0, (0.0,) * marks.frames, 0, 0, 0.0, focal, None, notes)
    away = np.linalg.norm(marks.place - _medians(marks)[marks.mark], axis=1)
    sound = away < max(STRAYS * float(np.median(away)), 1.0)
    counts = np.maximum(np.bincount(marks.frame[sound], minlength=marks.frames), 1)
    by_frame = np.bincount(marks.frame[sound], away[sound], minlength=marks.frames) / counts
    return SolveReport(
        "locked",
        float(away[sound].mean()),
        float(np.percentile(away[sound], 95)),
        tuple(float(each) for each in by_frame),
        marks.marks,
        int(marks.counts().min()),
        float(sound.mean()),
        focal,
        None,
        notes,
    )
