"""The pass that paints what no key shows, as a small network has learnt from the keys of the shot."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field

import numpy as np

from deflicker.keyframes import lay_over
from deflicker.keyframes.painter import Painter, PainterSettings, Sample
from stylize.passes.base import Inputs, Pictures
from stylize.passes.carry import CARRIED
from stylize.passes.held import Held
from stylize.passes.key_source import PaintedKeys
from stylize.passes.open_parts import SMALL, OpenPartsPass
from stylize.storage.atomic import write_first
from stylize.storage.fingerprint import fingerprint
from stylize.storage.frame_file import sealed, unsealed
from stylize.storage.place import Place

_log = logging.getLogger(__name__)

PAINTERS = "painters"
"""The folder in a run's in which trained painters are kept."""
HOLES = 12
"""From so many frames of the shot, evenly spread, the open parts are taken to learn on."""
TOLD_EVERY = 50
METHOD = 4
"""Goes up when the painter changes."""


@dataclass
class LearntPartsPass(OpenPartsPass):
    """The carried frames at the working size, their open parts painted by the painter of their shot.

    A painter is trained when the first frame of its shot is asked for, and kept in `folder`, so that whoever makes
    other frames of the shot paints alike: of several who train at the same time, the first counts. A shot without
    keys is drawn by the config's model.
    """

    keys: PaintedKeys = field(kw_only=True)
    folder: Place = field(kw_only=True)
    learning: PainterSettings = field(default_factory=PainterSettings, kw_only=True)
    in_previews: bool = field(default=False, kw_only=True)
    """A preview takes seconds, and learning minutes: it shows the carried picture's best guess instead."""
    _painter: Held[Painter] = field(default_factory=Held, init=False, repr=False)

    def settings(self) -> object:
        return [METHOD, super().settings(), asdict(self.learning), self.keys.settings()]

    def close(self) -> None:
        super().close()
        self._painter.release()

    def network_frames(self, numbers: Sequence[int]) -> float:
        return 0.0

    def reads(self, shot: Sequence[int], wanted: range) -> dict[str, Sequence[int]]:
        read = super().reads(shot, wanted)
        keys = self.keys.numbers(shot)
        if not keys:
            return read
        return {
            self.plate: sorted({*read[self.plate], *keys}),
            CARRIED: sorted({*read[CARRIED], *self._hole_frames(shot)}),
        }

    def render(self, shot: Sequence[int], wanted: range, inputs: Inputs) -> Iterator[tuple[int, Pictures]]:
        from stylize.diffusion.sizes import scale_down

        if not self.keys.numbers(shot):
            yield from super().render(shot, wanted, inputs)
            return
        numbers = shot[wanted.start : wanted.stop]
        plates, carried = inputs.frames(self.plate, numbers), inputs.frames(CARRIED, numbers)
        for number, plate, picture in zip(numbers, plates, carried, strict=True):
            small = scale_down(picture, self.size)
            colour, known = (np.ascontiguousarray(part) for part in (small[..., :3], small[..., 3]))
            if float((1 - known).mean()) < SMALL:
                yield number, (colour,)
                continue
            painter = self._painter.get(lambda: self._trained(shot, inputs), shot[0])
            painted = painter.paint(scale_down(plate, self.size), colour, known)
            yield number, (lay_over(painted, colour, known),)

    def _trained(self, shot: Sequence[int], inputs: Inputs) -> Painter:
        """The painter of a shot: taken from the folder, or trained and kept there. One that is no more what was
        written is trained anew."""
        name = fingerprint(self.fingerprint, self.settings(), shot[0], shot[-1])
        path = self.folder / f"{name}.safetensors"
        kept = _kept(path)
        if kept is None:
            samples = self._samples(shot, inputs)
            _log.info("learning how the %d keys of frames %d to %d paint", len(samples), shot[0], shot[-1])
            learnt = Painter.learn(samples, self.learning, self._tell).to_bytes()
            if _kept(path) is None:
                path.unlink(missing_ok=True)
            write_first(path, sealed(learnt, path.name))
            kept = _kept(path) or learnt
        return Painter.from_bytes(kept)

    def _samples(self, shot: Sequence[int], inputs: Inputs) -> list[Sample]:
        """Every key, with the holes that carrying leaves in other frames of the shot."""
        from stylize.diffusion.sizes import scale_down

        numbers = self.keys.numbers(shot)
        alphas = (
            np.ascontiguousarray(each[..., 3]) for each in inputs.frames(CARRIED, self._hole_frames(shot))
        )
        holes = [scale_down(alpha, self.size) for alpha in alphas]
        keys = self.keys.load(numbers, self.size, inputs)
        plates = (scale_down(plate, self.size) for plate in inputs.frames(self.plate, numbers))
        return [
            Sample(plate, key.picture, [(key.picture, known) for known in holes])
            for key, plate in zip(keys, plates, strict=True)
        ]

    def _hole_frames(self, shot: Sequence[int]) -> Sequence[int]:
        return shot[:: max(1, len(shot) // HOLES)]

    def _tell(self, step: int, loss: float) -> None:
        if step % TOLD_EVERY == 0:
            _log.info("learning: %d of %d steps, loss %.3f", step, self.learning.steps, loss)


def _kept(path: Place) -> bytes | None:
    """The bytes of a painter; None where none is kept, or its seal is broken."""
    return unsealed(path.read_bytes(), path.name) if path.is_file() else None
