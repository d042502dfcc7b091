"""Decides which faces of a clip are drawn again, before anything is drawn."""

from __future__ import annotations

from pathlib import Path

from stylize.config.resolved import ResolvedConfig
from stylize.config.settings import RunSettings
from stylize.diffusion.checkpoint_info import CheckpointInfo
from stylize.diffusion.families import ALL_FAMILIES
from stylize.footage.faces import FaceLimits, FaceSheet, choose_faces, open_detector
from stylize.footage.faces.libface import PACKAGE, library_file
from stylize.generators.faces import fitting_tile, tile_size
from stylize.generators.key_model import shows_keys
from stylize.jobs.analysis import ClipAnalysis
from stylize.jobs.findings import found_faces
from stylize.system.dependencies import install_hint

NO_DETECTOR = f"Small faces are drawn as they stand: the package {PACKAGE} is not installed, which finds them"


def plan_faces(
    found: ClipAnalysis,
    settings: RunSettings,
    config: ResolvedConfig,
    checkpoint: CheckpointInfo,
    working_size: tuple[int, int],
) -> tuple[FaceSheet | None, str]:
    """The faces that are drawn again, None where there are none, and what is to be said about it.

    Faces are looked for in the clip itself. Where keys are carried, or the model draws pictures of one size only,
    none are.

    Raises:
        MissingPart: the user asks for faces, and nothing here can find them.
        UsageError, ModelError: the weights that they name. FootageError: the clip is damaged.
    """
    clip, shots = found.clip, found.shots
    asked, tile = config.faces, tile_size(config, checkpoint)
    carries = settings.keys is not None and settings.key_model is None
    carries |= settings.keyframes is not None and not shows_keys(ALL_FAMILIES[checkpoint.family])
    if asked is None or tile is None or carries:
        return None, ""
    if settings.face_model is None and library_file() is None and "faces" not in settings.model_fields_set:
        return None, f"{NO_DETECTOR} ({install_hint()}, or --face-model yunet.onnx)."
    weights = settings.face_model and Path(settings.face_model).expanduser()
    scale = working_size[0] / clip.width
    limits = FaceLimits(asked.confidence, asked.narrowest, asked.widest / scale, asked.most, asked.margin)
    tracks = choose_faces(found_faces(clip, found.source, shots, open_detector(weights)), shots, clip, limits)
    if not tracks:
        return None, ""
    tile = fitting_tile(tile, tracks, checkpoint)
    count = sum(len(track.squares) for track in tracks)
    faces = "1 small face is" if len(tracks) == 1 else f"{len(tracks)} small faces are"
    frames = "1 frame" if count == 1 else f"{count} frames"
    said = f"{faces} drawn again at {tile} px, in {frames} taken together; --faces off leaves them as they stand."
    return FaceSheet(tracks, tile, asked.margin), said
