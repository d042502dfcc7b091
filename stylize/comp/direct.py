"""A comp without drawing: a keyed plate before a backdrop, frame by frame into a film. Nothing is stored."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from compositing.ahead import ahead
from compositing.backdrop import BackdropRenderer, Optics
from compositing.colour import srgb_from_linear
from compositing.merge import MergeSettings, grain_level, merge_subject
from compositing.overlays import OverlayContext, read_overlay
from stylize import footage
from stylize.comp.backdrops import build_backdrop
from stylize.comp.cameras import shot_camera
from stylize.comp.keying import make_keying
from stylize.comp.scene import Scene
from stylize.errors import Interrupted
from stylize.events import FrameDone, Listener, PassFinished, PassStarted, silent
from stylize.footage.clip import Clip, Frame, Shot
from stylize.storage.place import Place, remove_tree
from stylize.system.machine import cores_shared

THREADS = 2
"""Threads that compute most of the time: one keys the next frame while another merges this one."""


def comp_film(
    clip: Clip,
    shots: Sequence[Shot],
    scene: Scene,
    out: Path,
    format: str,
    *,
    source: str,
    cache: Place,
    audio: bool = True,
    overwrite: bool = False,
    listen: Listener = silent,
    stop: Callable[[], bool] = lambda: False,
) -> None:
    """Keys a plate's shots and sets them before the scene's backdrop. A few frames are held at a time.

    Args:
        source: stands for the plate's contents.
        cache: where solved cameras are kept until the film is whole.

    Raises:
        StylizeError: what went wrong; no film is written then.
    """
    start, end = shots[0].start, shots[-1].end
    footage.check_film(out, clip, format=format, start=start, end=end, audio=audio, overwrite=overwrite)
    began = time.perf_counter()
    listen(PassStarted("comp", end - start))

    def frames() -> Iterator[Frame]:
        for shot in shots:
            for number, pixels in ahead(comped(clip, shot, scene, source, cache), 2):
                listen(FrameDone("comp", number))
                yield Frame(number, clip.pts_of(number), pixels)
                if stop():
                    raise Interrupted(
                        "Stopped: no film was written.", hint="a comp starts from the beginning"
                    )

    with cores_shared(THREADS):
        footage.write_film(
            frames(),
            out,
            clip,
            format=format,
            start=start,
            end=end,
            audio=audio,
            overwrite=overwrite,
            listen=listen,
        )
    remove_tree(cache)
    if cache.parent.is_dir() and not any(cache.parent.iterdir()):
        cache.parent.rmdir()
    listen(PassFinished("comp", time.perf_counter() - began))


def comped(
    clip: Clip, shot: Shot, scene: Scene, source: str, cache: Place
) -> Iterator[tuple[int, np.ndarray]]:
    """The frames of one shot, display-referred, each with its number in the clip."""
    camera = shot_camera(scene, clip, shot, source, cache).camera
    backdrop = build_backdrop(scene, camera)
    renderer = BackdropRenderer(backdrop, camera, Optics(**scene.optics.model_dump()))
    settings = MergeSettings(**scene.merge.model_dump(exclude={"lines", "reach_px", "match_grain"}))
    overlays = [read_overlay(table) for table in scene.overlay]
    keying = make_keying(scene, clip, shot)
    first = next(frame.pixels for frame in footage.read_frames(clip, shot.start, shot.start + 1))
    if scene.merge.match_grain:
        settings = replace(settings, back_grain=grain_level(first))
    plates = (frame.pixels for frame in footage.read_frames(clip, shot.start, shot.end))
    for frame, keyed in enumerate(keying.key(plates)):
        back = renderer.render(frame)
        picture = merge_subject(keyed.premult, keyed.alpha, back, settings, frame=frame, shadow=keyed.shadow)
        moment = OverlayContext(frame, keyed.alpha, camera.view(frame))
        for overlay in overlays:
            picture = overlay.apply(picture, moment)
        shown = srgb_from_linear(picture)
        yield shot.start + frame, np.clip(shown, 0, 1, out=shown)
