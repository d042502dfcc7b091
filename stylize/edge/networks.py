"""An export's networks, loaded for one size of picture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stylize.config.style import Control
from stylize.diffusion.conditioning import Conditioning
from stylize.edge.engines import Engine, Session
from stylize.edge.manifest import Manifest
from stylize.errors import UsageError
from stylize.system.machine import usable_cores

Array = NDArray[np.float32]


@dataclass(frozen=True)
class PreparedControlNet:
    """A ControlNet with the embedding of its picture for one frame.

    `session` computes its residuals; `control` gives its weight, and the steps at which it acts.
    """

    session: Session
    embedding: Array
    control: Control


EdgeConditioning = Conditioning[Array, PreparedControlNet]


class Networks:
    """Loads each part when it is first needed and keeps it.

    Outputs keep the memory layout in which the engine gives them, so that the next network need not rearrange them.

    Args:
        height, width: of the pictures, px, padded to the export's grid.
        threads: that compute; by default one for each core.
    """

    def __init__(
        self,
        folder: Path,
        manifest: Manifest,
        engine: Engine,
        height: int,
        width: int,
        threads: int | None = None,
    ) -> None:
        self.manifest = manifest
        self._folder, self._engine, self._threads = folder, engine, threads
        self._latents = (height // manifest.latent_scale, width // manifest.latent_scale)
        self._sessions: dict[str, Session] = {}
        if manifest.size is not None and manifest.size != (width, height):
            raise UsageError(
                f"This export draws {manifest.size[0]}x{manifest.size[1]} only, not {width}x{height}.",
                where=folder,
                hint=f"export for it: stylize edge quantize ... --shape {width}x{height}, or change --size",
            )

    def session(self, name: str) -> Session:
        """The part of that name, loaded."""
        if name not in self._sessions:
            self._sessions[name] = self._load(name)
        return self._sessions[name]

    def load_together(self, controls: Iterable[Control]) -> None:
        """Loads the parts that drawing with these ControlNets takes, each with a core of its own: loading one keeps
        a single core busy."""
        acting = [parts for each in controls if (parts := self.manifest.control(each.condition)) is not None]
        names = ["unet", *(each.residuals for each in acting), *(each.picture for each in acting)]
        missing = [each for each in (*names, "encoder", "decoder") if each not in self._sessions]
        with ThreadPoolExecutor(usable_cores()) as pool:
            self._sessions |= zip(missing, pool.map(self._load, missing), strict=True)

    def _load(self, name: str) -> Session:
        part = self.manifest.parts[name]
        shapes = [port.at(*self._latents) for port in part.inputs]
        return self._engine.load(self._folder / part.model, shapes, self._threads)

    def encode(self, picture: Array) -> Array:
        """(1, 3, H, W) in [0, 1] to latents."""
        return self.session("encoder").run([picture])[0].copy("K")

    def decode(self, latents: Array) -> Array:
        """Latents to (1, 3, H, W) in [0, 1]."""
        return self.session("decoder").run([latents])[0].copy("K")

    def prepare_controlnet(self, control: Control, picture: Array) -> PreparedControlNet:
        """Embeds a ControlNet's picture (1, 3, H, W) in [0, 1], which is the same at every step of a frame.

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
        embedding = self.session(parts.picture).run([picture])[0].copy("K")
        return PreparedControlNet(self.session(parts.residuals), embedding, control)

    def predict(
        self,
        noisy: Array,
        timestep: float,
        prompt: Array,
        controlnets: Sequence[PreparedControlNet],
        progress: float,
        share: float,
    ) -> Array:
        """The UNet's prediction for latents (1, C, h, w) and one prompt embedding (1, L, D).

        Args:
            progress: the share of the run's steps that are done, 0 to 1.
            share: one over their number; ControlNets that do not act in this step are left out.
        """
        timesteps = np.asarray([timestep], np.float32)
        total: list[Array] | None = None
        for controlnet in controlnets:
            if not controlnet.control.acts_at(progress, share):
                continue
            residuals = controlnet.session.run([noisy, timesteps, prompt, controlnet.embedding])
            weight = np.float32(controlnet.control.weight)
            if weight != 1:
                residuals = [each * weight for each in residuals]
            total = residuals if total is None else [a + b for a, b in zip(total, residuals, strict=True)]
        if total is None:
            total = self._no_residuals()
        return self.session("unet").run([noisy, timesteps, prompt, *total])[0].copy("K")

    def _no_residuals(self) -> list[Array]:
        """Zeros, where no ControlNet acts: the UNet's inputs are fixed."""
        ports = self.manifest.parts["unet"].inputs[3:]
        return [np.zeros(port.at(*self._latents), np.float32) for port in ports]
