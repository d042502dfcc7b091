"""Plans a film of a keyed plate before a backdrop, without drawing."""

from __future__ import annotations

from pathlib import Path

from stylize.config.settings import RunSettings
from stylize.footage.cadence import expose
from stylize.jobs.analysis import analyse_clip
from stylize.jobs.films import depth_for, film_of
from stylize.jobs.job import RenderJob
from stylize.jobs.naming import run_folder
from stylize.jobs.segments import make_segment
from stylize.jobs.specs import PlateCompSpec, SegmentContext
from stylize.storage.place import Place


def plan_comp(
    plate: Path, scene: Path, out: Path, settings: RunSettings, *, work_dir: Place | None = None
) -> RenderJob:
    """Probes the plate, finds its shots and solves their cameras.

    Of the settings `shots`, `start`, `end`, `rate`, `format` and `audio` count.

    Raises:
        StylizeError: what cannot be meant, read, found or solved.
    """
    from stylize.comp.scene import read_scene

    read_scene(scene)  # a misspelt setting is found before the plate is searched for its shots
    found = analyse_clip(plate, settings)
    films = (film_of(out, settings, found.clip),)
    run_dir = work_dir or run_folder(out)
    every = expose(found.shots, [1] * len(found.shots), found.span)
    context = SegmentContext(found.clip, found.source, found.shots, every, run_dir)
    segment = make_segment(context, PlateCompSpec(scene.absolute()), depth_for(found.clip, films))
    return RenderJob(found.clip, (segment,), films, run_dir)
