"""The drawn subject with its alpha as a film of its own, for those who merge it elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from compositing.merge import Silhouette
from stylize import footage
from stylize.comp.cel import cut_drawing
from stylize.comp.mattes.output import foreground_pixels
from stylize.errors import Interrupted
from stylize.events import FrameDone, Listener, PassFinished, PassStarted
from stylize.footage.clip import Frame, Pixels
from stylize.jobs.plan import Plan

if TYPE_CHECKING:
    from stylize.jobs.job import Job


def write_foreground(
    plan: Job, listen: Listener, overwrite: bool = False, stop: Callable[[], bool] = lambda: False
) -> None:
    """Writes `plan.foreground` from the finished drawings and the mattes in the plan's store.

    It is the subject as the comp sees it, before the backdrop's light falls on it: no wrap, no shadow, no overlay.

    Raises:
        StylizeError: what went wrong; no file is written then.
    """
    output = plan.foreground
    if output is None:
        return
    began = time.perf_counter()
    listen(PassStarted("foreground", len(plan.span)))

    def frames() -> Iterator[Frame]:
        for number, part in ((index, each) for each in plan.parts for index in each.span):
            assert isinstance(part, Plan)
            yield Frame(number, plan.clip.pts_of(number), _cut(part, number))
            listen(FrameDone("foreground", number))
            if stop():
                raise Interrupted("Stopped.", hint="run the same command again: it goes on from here")

    footage.write_film(
        frames(),
        output.path,
        plan.clip,
        format=output.format,
        straight=output.is_straight,
        start=plan.span.start,
        end=plan.span.stop,
        audio=False,
        overwrite=overwrite,
        listen=listen,
    )
    listen(PassFinished("foreground", time.perf_counter() - began))


def _cut(plan: Plan, number: int) -> Pixels:
    comp, output = plan.comp, plan.foreground
    assert comp is not None
    assert output is not None
    take, scene = comp.take_of(number), comp.scene
    finish = plan.store("finish").read(plan.shown("finish", number))
    matte = plan.store("matte").read(plan.shown("matte", number))
    light, alpha = cut_drawing(
        finish,
        np.ascontiguousarray(matte[..., 0]),
        Silhouette(reach_px=scene.merge.reach_px),
        take.camera,
        at=plan.shown("finish", number) - take.shot.start,
        shown=number - take.shot.start,
        away_m=scene.camera.distance_m,
    )
    return foreground_pixels(light, alpha, output)
