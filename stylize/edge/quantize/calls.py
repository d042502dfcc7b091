"""A recording as the inputs of every graph, one call after another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import torch
from torch import Tensor

from stylize.config.resolved import ResolvedConfig
from stylize.edge.manifest import ControlNetParts
from stylize.edge.quantize.graphs import Graph, controlnet_parts
from stylize.edge.quantize.record import Recording, UNetCall

Call = tuple[Tensor, ...]
"""The inputs of a graph, in order."""
MakeCall = Callable[[], Call]
Continuation = Callable[[Any], Any]
"""From a graph's output to the tensor by which its error is judged."""


class Calls:
    """The inputs of each graph, as the pipeline gives them.

    The UNet's residuals take more memory than everything else together, so they are computed again from the float
    ControlNets when they are needed, one call at a time.

    Args:
        graphs: the float graphs by name.
    """

    def __init__(self, recording: Recording, graphs: Mapping[str, Graph], config: ResolvedConfig) -> None:
        self._recording, self._graphs, self._config = recording, graphs, config

    @property
    def of_unet(self) -> tuple[UNetCall, ...]:
        """The UNet's calls as recorded, without residuals."""
        return self._recording.unet_calls

    def of(self, name: str, stride: int = 1) -> Iterator[Call]:
        """The calls of a graph, or every `stride`-th of them."""
        for number, make_call in enumerate(self._every(name)):
            if number % stride == 0:
                yield tuple(each.float() if each.is_floating_point() else each for each in make_call())

    def count(self, name: str) -> int:
        return sum(1 for _ in self._every(name))

    def with_continuations(self, name: str, stride: int = 1) -> Iterator[tuple[Call, Continuation]]:
        """The calls of a graph, or every `stride`-th of them, each with what its output is judged by.

        A ControlNet's parts are judged by the prediction of the float UNet that their output leads to; of its
        calls only those are given at which it acts. Every other graph is judged by its own output.
        """
        for control in self._config.controls:
            parts = controlnet_parts(control.condition)
            if name in (parts.picture, parts.residuals):
                yield from self._of_controlnet(parts, is_picture=name == parts.picture, stride=stride)
                return
        yield from ((call, lambda output: output) for call in self.of(name, stride))

    def _of_controlnet(
        self, parts: ControlNetParts, *, is_picture: bool, stride: int
    ) -> Iterator[tuple[Call, Continuation]]:
        condition = parts.condition
        unet_calls = [each for each in self.of_unet if condition in self._acting(each)]
        if is_picture:  # the picture is embedded once a frame, before the first call that it is used in
            unet_calls = list({each.frame: each for each in reversed(unet_calls)}.values())
        for unet_call in unet_calls[::stride]:
            if is_picture:
                call: Call = (self._recording.pictures[condition][unet_call.frame],)
            else:
                embedding = self._embedding(condition, unet_call)
                call = (unet_call.latents, unet_call.timestep, unet_call.prompt, embedding)
            yield call, partial(self._predict, unet_call, condition, is_picture)

    def _predict(self, unet_call: UNetCall, condition: str, is_picture: bool, output: Any) -> Any:
        """The float UNet's prediction with one part's output in place of the float ControlNet's."""
        own = self._residuals(condition, unet_call, output) if is_picture else output
        residuals = self.residuals_at(unet_call, {condition: own})
        return self._graphs["unet"].module(
            unet_call.latents, unet_call.timestep, unet_call.prompt, *residuals
        )

    def residuals_at(self, unet_call: UNetCall, given: Mapping[str, Call] | None = None) -> Call:
        """What the ControlNets add at a call of the UNet, weighted and summed as the pipeline does.

        Args:
            given: residuals by condition, in place of the float networks'.
        """
        given = given or {}
        total: list[Tensor] | None = None
        for control in self._config.controls:
            if not control.acts_at(unet_call.progress, unet_call.share):
                continue
            name = control.condition
            residuals = given.get(name)
            if residuals is None:
                residuals = self._residuals(name, unet_call, self._embedding(name, unet_call))
            weighted = [each * control.weight for each in residuals]
            total = weighted if total is None else [a + b for a, b in zip(total, weighted, strict=True)]
        if total is None:
            ports = self._graphs["unet"].inputs[3:]
            height, width = unet_call.latents.shape[2:]
            total = [torch.zeros(port.at(height, width)) for port in ports]
        return tuple(total)

    def _acting(self, unet_call: UNetCall) -> set[str]:
        return {
            each.condition
            for each in self._config.controls
            if each.acts_at(unet_call.progress, unet_call.share)
        }

    @torch.no_grad()
    def _residuals(self, condition: str, unet_call: UNetCall, embedding: Tensor) -> Call:
        network = self._graphs[controlnet_parts(condition).residuals].module
        residuals: Call = network(unet_call.latents, unet_call.timestep, unet_call.prompt, embedding)
        return residuals

    @torch.no_grad()
    def _embedding(self, condition: str, unet_call: UNetCall) -> Tensor:
        network = self._graphs[controlnet_parts(condition).picture].module
        embedding: Tensor = network(self._recording.pictures[condition][unet_call.frame])
        return embedding

    def _every(self, name: str) -> Iterator[MakeCall]:
        """Functions that make the calls of a graph: those that are skipped are never computed."""
        recording = self._recording
        recorded = {"text_encoder": recording.tokens, "encoder": recording.plates, "decoder": recording.drawn}
        for condition, pictures in recording.pictures.items():
            parts = controlnet_parts(condition)
            recorded[parts.picture] = pictures
            if name == parts.residuals:
                yield from (partial(self._residuals_call, condition, each) for each in self.of_unet)
        if name == "unet":
            yield from (partial(self._unet_call, each) for each in self.of_unet)
        for tensor in recorded.get(name, ()):
            yield partial(_single, tensor)

    def _unet_call(self, unet_call: UNetCall) -> Call:
        residuals = self.residuals_at(unet_call)
        return (unet_call.latents, unet_call.timestep, unet_call.prompt, *residuals)

    def _residuals_call(self, condition: str, unet_call: UNetCall) -> Call:
        embedding = self._embedding(condition, unet_call)
        return (unet_call.latents, unet_call.timestep, unet_call.prompt, embedding)


def _single(tensor: Tensor) -> Call:
    return (tensor,)
