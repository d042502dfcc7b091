"""A recording as calls of every graph."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor

from stylize.edge.build.graphs import Graph, control_parts
from stylize.edge.build.record import Moment, Recording
from stylize.look import Look

Call = tuple[Tensor, ...]


class Calls:
    """The inputs of each graph, as the pipeline gives them.

    A UNet's residuals take more room than everything else together, so they are computed again from the float
    ControlNets when they are needed, one call at a time.

    Args:
        graphs: the float graphs by name.
    """

    def __init__(self, recording: Recording, graphs: Mapping[str, Graph], look: Look) -> None:
        self._recording, self._graphs, self._look = recording, graphs, look

    def of(self, name: str, stride: int = 1) -> Iterator[Call]:
        """The calls of a graph, or every `stride`-th of them."""
        for number, call in enumerate(self._every(name)):
            if number % stride == 0:
                yield tuple(each.float() if each.is_floating_point() else each for each in call())

    def count(self, name: str) -> int:
        return sum(1 for _ in self._every(name))

    def moments(self) -> tuple[Moment, ...]:
        return self._recording.moments

    def residuals_at(self, moment: Moment) -> Call:
        """What the ControlNets add at a moment, weighted and summed as the pipeline does."""
        total: list[Tensor] | None = None
        for control in self._look.controls:
            if not control.acts_at(moment.along):
                continue
            these = self._held(control.condition, moment)
            weighted = [each * control.weight for each in these]
            total = weighted if total is None else [a + b for a, b in zip(total, weighted, strict=True)]
        if total is None:
            ports = self._graphs["unet"].inputs[3:]
            height, width = moment.latents.shape[2:]
            total = [torch.zeros(port.at(height, width)) for port in ports]
        return tuple(total)

    def _held(self, condition: str, moment: Moment) -> Call:
        residuals = self._graphs[control_parts(condition).residuals].module
        with torch.no_grad():
            answers: Call = residuals(
                moment.latents, moment.timestep, moment.prompt, self._seen(condition, moment)
            )
        return answers

    def _seen(self, condition: str, moment: Moment) -> Tensor:
        picture = self._graphs[control_parts(condition).picture].module
        with torch.no_grad():
            seen: Tensor = picture(self._recording.pictures[condition][moment.frame])
        return seen

    def _every(self, name: str) -> Iterator[_Lazy]:
        """Calls that are only computed when they are made."""
        recording = self._recording
        if name == "text_encoder":
            yield from (_Lazy(lambda each=each: (each,)) for each in recording.tokens)
        elif name == "encoder":
            yield from (_Lazy(lambda each=each: (each,)) for each in recording.plates)
        elif name == "decoder":
            yield from (_Lazy(lambda each=each: (each,)) for each in recording.drawn)
        elif name == "unet":
            for moment in recording.moments:
                yield _Lazy(lambda at=moment: (at.latents, at.timestep, at.prompt, *self.residuals_at(at)))
        for condition, pictures in recording.pictures.items():
            parts = control_parts(condition)
            if name == parts.picture:
                yield from (_Lazy(lambda each=each: (each,)) for each in pictures)
            elif name == parts.residuals:
                for moment in recording.moments:
                    yield _Lazy(
                        lambda at=moment, which=condition: (
                            at.latents, at.timestep, at.prompt, self._seen(which, at)
                        )
                    )  # fmt: skip


class _Lazy:
    def __init__(self, make) -> None:  # type: ignore[no-untyped-def]
        self._make = make

    def __call__(self) -> Call:
        call: Call = self._make()
        return call
