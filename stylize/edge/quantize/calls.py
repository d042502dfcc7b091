"""A recording as calls of every graph."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch import Tensor

from stylize.config.resolved import ResolvedConfig
from stylize.edge.quantize.graphs import Graph, control_parts
from stylize.edge.quantize.record import Moment, Recording

Call = tuple[Tensor, ...]
Onward = Callable[[Any], Any]
"""From a graph's answer to what is judged."""


class Calls:
    """The inputs of each graph, as the pipeline gives them.

    A UNet's residuals take more room than everything else together, so they are computed again from the float
    ControlNets when they are needed, one call at a time.

    Args:
        graphs: the float graphs by name.
    """

    def __init__(self, recording: Recording, graphs: Mapping[str, Graph], config: ResolvedConfig) -> None:
        self._recording, self._graphs, self._look = recording, graphs, config

    def of(self, name: str, stride: int = 1) -> Iterator[Call]:
        """The calls of a graph, or every `stride`-th of them."""
        for number, call in enumerate(self._every(name)):
            if number % stride == 0:
                yield tuple(each.float() if each.is_floating_point() else each for each in call())

    def count(self, name: str) -> int:
        return sum(1 for _ in self._every(name))

    def moments(self) -> tuple[Moment, ...]:
        return self._recording.moments

    def onward(self, name: str, stride: int = 1) -> Iterator[tuple[Call, Onward]]:
        """The calls of a graph, each with the way from its answer to the guess that the pipeline goes by: for a
        ControlNet's graphs the float UNet, for all others nothing."""
        controls = {control_parts(control.condition): control.condition for control in self._look.controls}
        for parts, condition in controls.items():
            if name not in (parts.picture, parts.residuals):
                continue
            moments = [at for at in self._recording.moments if condition in self._acting(at)]
            if name == parts.picture:  # it is shown once a frame
                moments = list({at.frame: at for at in reversed(moments)}.values())
            for at in moments[::stride]:
                if name == parts.picture:
                    call: Call = (self._recording.pictures[condition][at.frame],)
                else:
                    call = (at.latents, at.timestep, at.prompt, self._seen(condition, at))
                yield call, self._to_guess(at, condition, is_picture=name == parts.picture)
            return
        yield from ((call, lambda answer: answer) for call in self.of(name, stride))

    def _to_guess(self, at: Moment, condition: str, *, is_picture: bool) -> Onward:
        def onward(answer: Any) -> Any:
            held = self._residuals(condition, at, answer) if is_picture else answer
            residuals = self.residuals_at(at, {condition: held})
            return self._graphs["unet"].module(at.latents, at.timestep, at.prompt, *residuals)

        return onward

    def residuals_at(self, moment: Moment, given: Mapping[str, Call] | None = None) -> Call:
        """What the ControlNets add at a moment, weighted and summed as the pipeline does.

        Args:
            given: answers by condition, in place of the float networks'.
        """
        given = given or {}
        total: list[Tensor] | None = None
        for control in self._look.controls:
            if not control.acts_at(moment.along):
                continue
            name = control.condition
            these = given[name] if name in given else self._residuals(name, moment, self._seen(name, moment))
            weighted = [each * control.weight for each in these]
            total = weighted if total is None else [a + b for a, b in zip(total, weighted, strict=True)]
        if total is None:
            ports = self._graphs["unet"].inputs[3:]
            height, width = moment.latents.shape[2:]
            total = [torch.zeros(port.at(height, width)) for port in ports]
        return tuple(total)

    def _acting(self, moment: Moment) -> set[str]:
        return {each.condition for each in self._look.controls if each.acts_at(moment.along)}

    def _residuals(self, condition: str, moment: Moment, seen: Tensor) -> Call:
        residuals = self._graphs[control_parts(condition).residuals].module
        with torch.no_grad():
            answers: Call = residuals(moment.latents, moment.timestep, moment.prompt, seen)
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
