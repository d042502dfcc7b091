"""Builds segments, and the fingerprints under which their frames are kept."""

from __future__ import annotations

from collections.abc import Mapping

from stylize.jobs.job import Segment
from stylize.jobs.specs import BuiltPasses, SegmentContext, SegmentSpec
from stylize.passes.base import Pass
from stylize.passes.runner import frames_in
from stylize.storage.fingerprint import fingerprint
from stylize.storage.frame_file import BitDepth


def make_segment(context: SegmentContext, spec: SegmentSpec, depth: BitDepth) -> Segment:
    """The segment that a spec makes of some shots.

    Raises:
        StylizeError: what the spec names cannot be read, found or solved.
    """
    built = spec.build(context)
    prints = fingerprints(context, built, depth)
    for step in built.passes:
        step.fingerprint = prints[step.name]
    return Segment(
        source=context.source,
        shots=context.shots,
        sheet=context.sheet,
        spec=spec,
        passes=built.passes,
        sources=built.sources,
        film_picture=built.film_picture,
        scene=built.scene,
        fingerprints=prints,
        run_dir=context.run_dir,
        depth=depth,
    )


def fingerprints(context: SegmentContext, built: BuiltPasses, depth: BitDepth) -> Mapping[str, str]:
    """Each pass's fingerprint stands for its settings, the footage, the shots, the depth and the passes it reads.

    The choice of frames counts only where it can change a pixel: a change of cadence draws no frame again.
    """
    of_pictures = dict.fromkeys(built.sources, context.source)
    prints: dict[str, str] = {}
    cuts = [(shot.start, shot.end) for shot in context.shots]
    for step in built.passes:
        upstream = [of_pictures[name] for name in step.needs]
        chosen = _chosen_frames(context, step)
        print_ = fingerprint(step.name, step.settings(), context.source, cuts, depth, upstream, *chosen)
        prints[step.name] = print_
        of_pictures.update(dict.fromkeys(step.gives, print_))
    return prints


def _chosen_frames(context: SegmentContext, step: Pass) -> list[object]:
    """The choice of frames that a pass makes, as far as its pixels depend on it; nothing where these are all."""
    numbers = step.frames.numbers
    if step.depends_on_frame_set:
        chosen: list[object] = [context.sheet.drawings] if context.sheet.holds_any else []
        if step.frames.sheet is None and list(numbers) != list(context.span):
            chosen.append(list(numbers))
        return chosen
    firsts = [list(frames_in(numbers, shot)[:1]) for shot in context.shots]
    if not step.depends_on_first or firsts == [[shot.start] for shot in context.shots]:
        return []
    return [firsts]
