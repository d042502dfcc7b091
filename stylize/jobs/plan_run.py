"""Plans a film drawn in a style: at what size, with which passes and fingerprints. Loads no weights."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from stylize.config.resolved import ResolvedConfig
from stylize.config.settings import RunSettings
from stylize.diffusion.checkpoint_info import CheckpointInfo
from stylize.diffusion.families import ALL_FAMILIES
from stylize.errors import UsageError
from stylize.footage.clip import Clip
from stylize.footage.keyframes.choose import choose_keys
from stylize.footage.keyframes.resolve import KeySet
from stylize.jobs.analysis import ClipAnalysis, analyse_clip
from stylize.jobs.begun_with import begun_with
from stylize.jobs.films import depth_for, films_of
from stylize.jobs.findings import found_drawings
from stylize.jobs.job import RenderJob, Segment
from stylize.jobs.naming import run_folder
from stylize.jobs.plan_faces import plan_faces
from stylize.jobs.segments import make_segment
from stylize.jobs.specs import DrawingSpec, SegmentContext
from stylize.jobs.specs.drawing import KeyModel
from stylize.storage.frame_file import BitDepth
from stylize.storage.place import Place

LOCAL = ("ip_adapter", "image_encoder", "transformer")
"""What a config names that is a file or a folder, and never a hub id."""


def plan_run(source: Path, out: Path, settings: RunSettings, *, work_dir: Place | None = None) -> RenderJob:
    """Probes the clip, finds its shots and decides everything that a run depends on.

    Args:
        source: a film file, or the pattern of an image sequence.
        out: where the film goes.
        settings: what is asked.
        work_dir: where unfinished frames are kept; by default `<out>.stylize` beside the film.

    Raises:
        StylizeError: what cannot be meant, read or found.
    """
    from stylize.generators.resolve import resolve_config

    resolve_config(settings)  # a misspelt setting is found before the clip is searched for its shots
    found = analyse_clip(source, settings)
    return plan_parts([(found, settings)], out, settings, work_dir=work_dir)


def plan_preview(
    found: ClipAnalysis,
    moments: Sequence[int],
    out: Path,
    settings: RunSettings,
    *,
    work_dir: Place | None = None,
) -> RenderJob:
    """Plans the film as `plan_run` does, to draw single frames of it: what costs a look at every frame is found out
    for the shots around them alone.

    A scene, and keys, are those of all shots; where there are any, the whole film is planned.

    Args:
        found: the clip and the shots of the run.
        moments: frame numbers from 0.

    Raises:
        UsageError: the run has no such frame. StylizeError: as `plan_run`.
    """
    around = found.around(moments)
    of_all_shots = (settings.comp, settings.keys, settings.keyframes)
    part = around if all(each is None for each in of_all_shots) else found
    return plan_parts([(part, settings)], out, settings, work_dir=work_dir)


def plan_parts(
    parts: Sequence[tuple[ClipAnalysis, RunSettings]],
    out: Path,
    settings: RunSettings,
    *,
    work_dir: Place | None = None,
    remote: bool = False,
) -> RenderJob:
    """Decides a film whose shots are not all drawn alike.

    Args:
        parts: neighbouring shots of one clip, in order, with their settings.
        settings: those of the film: its format, sound and foreground.
        remote: other machines draw, and a device that is named is theirs.
    """
    clip = parts[0][0].clip
    films = films_of(out, settings, clip)
    run_dir, depth = work_dir or run_folder(out), depth_for(clip, films)
    segments = tuple(
        _segment(found, theirs, run_dir, depth, foreground=len(films) > 1, remote=remote)
        for found, theirs in parts
    )
    return RenderJob(clip, segments, films, run_dir, remote)


def _segment(
    found: ClipAnalysis,
    settings: RunSettings,
    run_dir: Place,
    depth: BitDepth,
    *,
    foreground: bool,
    remote: bool,
) -> Segment:
    from stylize.diffusion.sizes import working_size
    from stylize.generators.backends import has_torch
    from stylize.generators.inspect import inspect_checkpoint
    from stylize.generators.quality import with_quality
    from stylize.generators.resolve import resolve

    settings = with_quality(settings, (found.clip.width, found.clip.height))
    resolved = resolve(settings, remote, begun_with(run_dir, found.run_span))
    config, clip = with_absolute_paths(resolved.config), found.clip
    sheet = found_drawings(clip, found.source, found.shots, config.cadence)
    checkpoint = inspect_checkpoint(config.checkpoint, config.offline)
    size = working_size(clip.width, clip.height, config.size, config.most_px)
    faces, on_faces = plan_faces(found, settings, config, checkpoint, size)
    learns = config.runtime == "torch" or (config.runtime == "live" and has_torch())  # torch learns
    spec = DrawingSpec(
        config,
        checkpoint,
        size,
        settings.comp and settings.comp.absolute(),
        foreground,
        _keys_of(found, settings),
        settings.open_parts if learns else "draw",
        choose_keys(found.shots, sheet, settings.keys) if settings.keys else (),
        _key_model(clip, settings, checkpoint, remote),
        resolved.why,
        faces,
        on_faces,
    )
    return make_segment(SegmentContext(clip, found.source, found.shots, sheet, run_dir), spec, depth)


def _key_model(
    clip: Clip, settings: RunSettings, checkpoint: CheckpointInfo, remote: bool
) -> KeyModel | None:
    from stylize.diffusion.sizes import working_size
    from stylize.generators.inspect import inspect_checkpoint
    from stylize.generators.key_model import key_settings
    from stylize.generators.resolve import resolve_config

    asked = key_settings(settings, ALL_FAMILIES[checkpoint.family])
    if asked is None:
        return None
    own = with_absolute_paths(resolve_config(asked, remote))
    size = working_size(clip.width, clip.height, own.size, own.most_px)
    return KeyModel(own, inspect_checkpoint(own.checkpoint, own.offline), size)


def _keys_of(found: ClipAnalysis, settings: RunSettings) -> KeySet | None:
    if settings.keyframes is None:
        return None
    if settings.keys is not None:
        raise UsageError("--keys and --keyframes exclude each other.", hint="give one of them")
    from stylize.footage.keyframes.resolve import resolve_keys

    return resolve_keys(settings.keyframes, found.clip, found.shots)


def with_absolute_paths(config: ResolvedConfig) -> ResolvedConfig:
    """The config with every file and folder by its absolute path, for other processes to find; hub ids stay."""
    from stylize.generators.enlarging import EDGES, NET

    controls = tuple(
        control.model_copy(update={"model": control.model and _absolute(control.model)})
        for control in config.controls
    )
    loras = tuple(lora.model_copy(update={"file": _absolute(lora.file)}) for lora in config.loras)
    paths = {
        "checkpoint": _absolute(config.checkpoint),
        "controls": controls,
        "loras": loras,
        "annotators": config.annotators and config.annotators.absolute(),
        "vae": config.vae and _absolute(config.vae),
        "embeddings": tuple(_absolute(file) for file in config.embeddings),
        "references": tuple(_absolute(file) for file in config.references),
        "enlarge": config.enlarge if config.enlarge in (EDGES, NET) else _absolute(config.enlarge),
        **{
            name: value and _absolute(value) for name in LOCAL if (value := getattr(config, name)) is not None
        },
    }
    return config.model_copy(update=paths)


def _absolute(name: str) -> str:
    path = Path(name).expanduser()
    return str(path.absolute()) if path.exists() else name
