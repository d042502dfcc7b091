"""A camera that moves: structure from motion by COLMAP (Schönberger and Frahm, CVPR 2016) on our own marks.

COLMAP finds key poses, points and lens; the frames between are posed by the points. Its world has no scale: the
caller says how far away something is.
"""

from __future__ import annotations

import itertools
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compositing.camera.marks import Marks
from compositing.camera.rotation import chosen_frames
from compositing.errors import CannotSolve, missing_camera_package

Floats = NDArray[np.float64]

KEYS = 32
"""Frames that COLMAP is given."""
SHARED = 12
"""Marks that two key frames must share to be compared."""
SURE_PX = 1.0
"""Misses beyond this count by their size, not their square."""
STRAY_PX = 4.0
"""A mark that lies farther from its point is not on the set."""


@dataclass(frozen=True)
class SolvedMove:
    """A solved move: `rotation` (N, 3, 3) and `shift` (N, 3) take world points to OpenCV's camera axes.

    `points` (M, 3) are the marks' places, NaN where unknown; `focal_px` and `k1` are the lens.
    """

    rotation: Floats
    shift: Floats
    points: Floats
    focal_px: float
    k1: float


def solve_translation(
    marks: Marks, size: tuple[int, int], *, focal_px: float | None = None, guess_px: float | None = None
) -> SolvedMove:
    """Finds every frame's pose, and the lens unless it is given.

    Args:
        marks: of one shot.
        size: of the picture, px.
        focal_px: the focal length, where it is known.
        guess_px: a focal length to begin with.

    Raises:
        MissingPackage: pycolmap is not installed.
        CannotSolve: the marks do not say how the camera moved.
    """
    pycolmap = load_pycolmap()
    keys = chosen_frames(marks.frames, KEYS)
    first = focal_px or guess_px or 1.0 * size[0]
    lens = pycolmap.Camera.create_from_model_name(1, "SIMPLE_RADIAL", first, *size)
    lens.params = [first, (size[0] - 1) / 2 + 0.5, (size[1] - 1) / 2 + 0.5, 0.0]
    lens.has_prior_focal_length = focal_px is not None
    with tempfile.TemporaryDirectory(prefix="camera-") as folder:
        map_ = _reconstruct(pycolmap, marks, keys, lens, Path(folder), fixed=focal_px is not None)
    _settle(pycolmap, map_, fixed=focal_px is not None)
    lens = map_.cameras[1]
    points = _points_of_marks(map_, marks, keys)
    rotation, shift = _pose_all(pycolmap, marks, points, lens)
    return SolvedMove(rotation, shift, points, float(lens.params[0]), float(lens.params[3]))


def load_pycolmap() -> Any:
    """The package, quiet and with a fixed seed.

    Raises:
        MissingPackage: it is not installed.
    """
    try:
        import pycolmap
    except ImportError as error:
        raise missing_camera_package(
            "A camera that moves is solved by pycolmap, which is not installed."
        ) from error
    pycolmap.logging.minloglevel = 3
    pycolmap.set_random_seed(0)
    return pycolmap


def _reconstruct(
    pycolmap: Any, marks: Marks, keys: NDArray[np.int64], lens: Any, folder: Path, *, fixed: bool
) -> Any:
    """COLMAP's map of the key frames."""
    seen = {int(key): np.flatnonzero(marks.frame == key) for key in keys}
    places = {
        key: marks.place[which] + 0.5 for key, which in seen.items()
    }  # its pixels begin at their corner
    with pycolmap.Database.open(folder / "marks.db") as database:
        database.write_camera(lens, use_camera_id=True)
        numbers = {}
        for key in seen:
            numbers[key] = database.write_image(pycolmap.Image(name=f"{key:06d}", camera_id=1))
            database.write_keypoints(numbers[key], places[key].astype(np.float32))
        for one, other in itertools.combinations(seen, 2):
            _, first, second = np.intersect1d(
                marks.mark[seen[one]], marks.mark[seen[other]], return_indices=True
            )
            if len(first) < SHARED:
                continue
            pairs = np.stack([first, second], axis=1).astype(np.uint32)
            geometry = pycolmap.estimate_two_view_geometry(lens, places[one], lens, places[other], pairs)
            database.write_matches(numbers[one], numbers[other], pairs)
            database.write_two_view_geometry(numbers[one], numbers[other], geometry)
    options = pycolmap.IncrementalPipelineOptions()
    options.extract_colors = False
    options.multiple_models = False
    options.num_threads = 1
    options.random_seed = 0
    options.min_model_size = 3
    options.ba_refine_focal_length = not fixed
    options.mapper.init_min_tri_angle = 2.0
    options.mapper.init_min_num_inliers = SHARED
    options.mapper.abs_pose_min_num_inliers = SHARED
    options.mapper.filter_max_reproj_error = STRAY_PX
    options.mapper.filter_min_tri_angle = 0.3
    options.triangulation.min_angle = 0.3
    maps = pycolmap.incremental_mapping(folder / "marks.db", folder, folder, options)
    if not maps:
        raise CannotSolve(
            "The marks do not say how the camera moved.",
            hint="there is too little parallax, or they lie on one plane",
        )
    best = max(maps.values(), key=lambda map_: map_.num_reg_images())
    if best.num_reg_images() < max(3, len(keys) // 2):
        raise CannotSolve(f"Only {best.num_reg_images()} of {len(keys)} key frames could be placed.")
    return best


def _settle(pycolmap: Any, map_: Any, *, fixed: bool) -> None:
    """Goes on with the bundle adjustment until nothing moves any more.

    Before a wall, lens and distance stand for each other almost: the valley is so flat that the mapper stops
    far from its floor, with a lens of 24 mm for one of 32.
    """
    options = pycolmap.BundleAdjustmentOptions()
    options.print_summary = False
    options.refine_focal_length = not fixed
    options.ceres.loss_function_type = pycolmap.LossFunctionType.SOFT_L1
    options.ceres.loss_function_scale = SURE_PX
    ceres = options.ceres.solver_options
    ceres.max_num_iterations, ceres.num_threads = 1000, 1
    ceres.function_tolerance = ceres.gradient_tolerance = ceres.parameter_tolerance = 1e-12
    config = pycolmap.BundleAdjustmentConfig()
    for number in map_.reg_image_ids():
        config.add_image(number)
    config.fix_gauge(pycolmap.BundleAdjustmentGauge.TWO_CAMS_FROM_WORLD)
    pycolmap.create_default_bundle_adjuster(options, config, map_).solve()


def _points_of_marks(map_: Any, marks: Marks, keys: NDArray[np.int64]) -> Floats:
    """Each mark's point in the map, (M, 3); NaN for those without."""
    points = np.full((marks.marks, 3), np.nan)
    for image in map_.images.values():
        if not image.has_pose:
            continue
        which = np.flatnonzero(marks.frame == int(image.name))
        for row, place in zip(which, image.points2D, strict=True):
            if place.has_point3D():
                points[marks.mark[row]] = map_.points3D[place.point3D_id].xyz
    return points


def _pose_all(pycolmap: Any, marks: Marks, points: Floats, lens: Any) -> tuple[Floats, Floats]:
    """Every frame's pose from the points that it shows."""
    known = np.isfinite(points[:, 0])
    rotation, shift = np.empty((marks.frames, 3, 3)), np.empty((marks.frames, 3))
    robust = pycolmap.AbsolutePoseEstimationOptions()
    robust.ransac.max_error = STRAY_PX
    for number in range(marks.frames):
        which = np.flatnonzero((marks.frame == number) & known[marks.mark])
        found = None
        if len(which) >= 6:
            found = pycolmap.estimate_and_refine_absolute_pose(
                marks.place[which] + 0.5, points[marks.mark[which]], lens, robust
            )
        if found is None:
            raise CannotSolve(f"Frame {number} shows too few of the marks that other frames show.")
        pose = found["cam_from_world"]
        rotation[number], shift[number] = pose.rotation.matrix(), pose.translation
    return rotation, shift
