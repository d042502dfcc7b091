"""An export's networks, opened for one size of picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stylize.config.style import Control
from stylize.edge.engines import Engine, Session
from stylize.edge.manifest import Manifest
from stylize.errors import UsageError

Array = NDArray[np.float32]


@dataclass(frozen=True)
class ControlNetInput:
    """A ControlNet at work on a frame: its residuals' session, what it made of its picture, and when it acts."""

    session: Session
    picture: Array
    control: Control


class Networks:
    """Opens each part when it is first needed and keeps it.

    Answers keep the order of memory that they come in, so that what runs next takes them as they are.

    Args:
        height, width: of the pictures, px, padded to the export's grid.
    """

    def __init__(self, folder: Path, manifest: Manifest, engine: Engine, height: int, width: int) -> None:
        self.manifest = manifest
        self._folder, self._engine = folder, engine
        self._latents = (height // manifest.latent_scale, width // manifest.latent_scale)
        self._open: dict[str, Session] = {}
        if manifest.size is not None and manifest.size != (width, height):
            raise UsageError(
                f"This export draws {manifest.size[0]}x{manifest.size[1]} only, not {width}x{height}.",
                where=folder,
                hint=f"export for it: stylize edge quantize ... --shape {width}x{height}, or change --size",
            )

    def session(self, name: str) -> Session:
        if name not in self._open:
            part = self.manifest.parts[name]
            shapes = [port.at(*self._latents) for port in part.inputs]
            self._open[name] = self._engine.load(self._folder / part.model, shapes)
        return self._open[name]

    def encode(self, picture: Array) -> Array:
        """(1, 3, H, W) in [0, 1] to latents."""
        return self.session("encoder").run([picture])[0].copy("K")

    def decode(self, latents: Array) -> Array:
        """Latents to (1, 3, H, W) in [0, 1]."""
        return self.session("decoder").run([latents])[0].copy("K")

    def hold(self, control: Control, picture: Array) -> ControlNetInput:
        """Shows a ControlNet its picture (1, 3, H, W) in [0, 1].

        Raises:
            UsageError: this export has no ControlNet for the condition.
        """
        parts = self.manifest.control(control.condition)
        if parts is None:
            known = ", ".join(each.condition for each in self.manifest.controls) or "none"
            raise UsageError(
                f"This export has no ControlNet for {control.condition!r}: it has {known}.",
                where=self._folder,
                hint=f"export it as well: stylize edge quantize ... --control {control.condition}",
            )
        seen = self.session(parts.picture).run([picture])[0].copy("K")
        return ControlNetInput(self.session(parts.residuals), seen, control)

    def guess(
        self, noisy: Array, timestep: float, prompt: Array, holdings: Sequence[ControlNetInput], along: float
    ) -> Array:
        """What the network takes the noise, the sample or the velocity to be, held by those that act now."""
        instant = np.asarray([timestep], np.float32)
        residuals: list[Array] | None = None
        for holding in holdings:
            if not holding.control.acts_at(along):
                continue
            these = holding.session.run([noisy, instant, prompt, holding.picture])
            weight = np.float32(holding.control.weight)
            if weight != 1:
                these = [each * weight for each in these]
            residuals = these if residuals is None else [a + b for a, b in zip(residuals, these, strict=True)]
        if residuals is None:
            residuals = self._nothing()
        return self.session("unet").run([noisy, instant, prompt, *residuals])[0].copy("K")

    def _nothing(self) -> list[Array]:
        """Residuals of a ControlNet that lets go."""
        ports = self.manifest.parts["unet"].inputs[3:]
        return [np.zeros(port.at(*self._latents), np.float32) for port in ports]
