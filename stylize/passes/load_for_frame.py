"""Loads what one frame is drawn with, for all its sizes at once: a preview waits for little else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from stylize.generators.base import SizedGenerator
from stylize.passes.base import Pass
from stylize.passes.faces.on_faces import OnFaces
from stylize.passes.style import StylePass


def load_for_frame(passes: Sequence[Pass], index: int) -> None:
    """Loads the models of those passes that draw something of a frame's preview, for the sizes at which they do."""
    from stylize.generators.load import load_generator

    found: dict[int, tuple[SizedGenerator, list[tuple[int, int]]]] = {}
    for step in _drawing(passes, index):
        step.generator.get(partial(load_generator, step.config))
        generator = step.generator.held  # of faces: the film's own
        if isinstance(generator, SizedGenerator):
            found.setdefault(id(generator), (generator, []))[1].append(step.size)
    for generator, sizes in found.values():
        generator.load_sizes(sizes)


def _drawing(passes: Sequence[Pass], index: int) -> Iterator[StylePass]:
    for step in passes:
        if not step.in_previews:
            continue
        if isinstance(step, StylePass):
            yield step
        elif isinstance(step, OnFaces) and step.sheet.at(index):
            yield from _drawing(step.steps[:1], index)
