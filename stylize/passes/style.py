"""The pass that draws."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Any

from deflicker.prefetch import prefetch
from stylize.config.resolved import ResolvedConfig
from stylize.footage.clip import Pixels, Shot
from stylize.generators.base import AttendingGenerator, FrameGenerator, ParallelGenerator
from stylize.generators.several import device_count, draw_side_by_side
from stylize.passes.base import PLATE, Inputs, Pass, Pictures
from stylize.passes.frame_set import FrameSet
from stylize.passes.held import Held
from stylize.storage.fingerprint import fingerprint_file

NOT_DRAWING = frozenset(
    (
        "style",
        "terms",
        "finish",
        "deflicker",
        "offline",
        "checkpoint",
        "annotators",
        "cadence",
        "hold",
        "repair",
        "enlarge",
        "faces",
        "runtime",
        "most_px",
        "more_devices",
    )
)
"""Parts of a config that change no pixel of a drawing: what comes after it, and where the weights lie."""

ADDED = (
    *("vae", "embeddings", "spacing", "sigmas", "references", "window", "overlap", "fit", "attend"),
    *("ip_adapter", "ip_adapter_weight", "image_encoder", "transformer", "vae_pieces", "blends"),
)
"""Settings that came later than the first films."""


@dataclass
class StylePass(Pass):
    """Draws every plate at the working size with the config's model, which is loaded when first needed.

    `revision` stands for the checkpoint's weights.
    """

    config: ResolvedConfig
    revision: str
    size: tuple[int, int]
    frames: FrameSet
    plate: str = PLATE
    generator: Held[FrameGenerator] = field(default_factory=Held, kw_only=True, repr=False)
    """The model; passes that draw with the same one share it."""
    _first: Held[Pixels] = field(default_factory=Held, init=False, repr=False)

    name = "style"

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.plate,)

    @property
    def depends_on_frame_set(self) -> bool:  # type: ignore[override]
        """A network rounds differently by the size of a batch, and the last one of a shot may be smaller."""
        return self.config.batch > 1

    @property
    def depends_on_first(self) -> bool:  # type: ignore[override]
        """It decides the noise of its shot, and is what the others attend to."""
        return self.config.noise != "per-frame" or self.config.attend is not None

    @property
    def batch_alignment(self) -> int:  # type: ignore[override]
        return self.config.batch

    @property
    def device(self) -> str:  # type: ignore[override]
        return self.config.device

    def settings(self) -> object:
        return [drawing_settings(self.config), self.revision, self.size]

    def close(self) -> None:
        self.generator.release()
        self._first.release()

    def take_over(self, other: StylePass) -> None:
        """Draws with the model that another pass holds, where both configs need the same weights and words."""
        from stylize.generators.load import what_is_loaded

        generator = other.generator.held
        if generator is not None and what_is_loaded(generator.config) == what_is_loaded(self.config):
            self.generator.get(lambda: generator.with_config(self.config))

    def network_frames(self, numbers: Sequence[int]) -> float:
        if self.config.attend is None:
            return len(numbers)
        return len(numbers) * (1 + 1 / self.config.batch)  # the first frame is drawn with every batch

    def reads(self, shot: Sequence[int], wanted: range) -> dict[str, Sequence[int]]:
        read = super().reads(shot, wanted)
        if self.config.attend is None:
            return read
        return {name: sorted({shot[0], *numbers}) for name, numbers in read.items()}

    def render(self, shot: Sequence[int], wanted: range, inputs: Inputs) -> Iterator[tuple[int, Pictures]]:
        """Batches are cut from the shot's first frame on, so a resumed run meets the same batches. While the
        network draws, the next plates are read."""
        from stylize.generators.load import load_generator

        generator = self.generator.get(lambda: load_generator(self.config))
        batch = self.config.batch
        first = wanted.start // batch * batch
        numbers = shot[first : min(len(shot), -(-wanted.stop // batch) * batch)]
        plates = inputs.frames(self.plate, numbers, self.size)
        whole_shot = Shot(shot[0], shot[-1] + 1)
        if batch == 1 and isinstance(generator, ParallelGenerator):
            batch = generator.at_once
        together = batch * device_count(generator)
        position = first
        for batches in prefetch(_batches(numbers, plates, batch, together)):
            works = [self._work(*each, whole_shot, inputs) for each in batches]
            for picture in chain.from_iterable(draw_side_by_side(generator, works)):
                if position in wanted:
                    yield shot[position], (picture,)
                position += 1

    def _work(
        self, numbers: Sequence[int], plates: Sequence[Pixels], shot: Shot, inputs: Inputs
    ) -> Callable[[FrameGenerator], list[Pixels]]:
        """Draws a batch, beside the shot's first frame if the config says so."""
        if self.config.attend is None:
            return lambda generator: generator.draw(plates, numbers, shot)
        first = self._first.get(
            lambda: next(iter(inputs.frames(self.plate, [shot.start], self.size))), shot.start
        )

        def beside(generator: FrameGenerator) -> list[Pixels]:
            assert isinstance(generator, AttendingGenerator)
            return generator.draw_beside(first, plates, numbers, shot)

        return beside


def _batches(
    numbers: Sequence[int], plates: Iterator[Pixels], batch: int, together: int
) -> Iterator[list[tuple[Sequence[int], list[Pixels]]]]:
    """As many frames at a time as are drawn together, in batches: each with its frames' numbers and plates."""
    for at in range(0, len(numbers), together):
        many = numbers[at : at + together]
        batches = (many[start : start + batch] for start in range(0, len(many), batch))
        yield [(few, list(islice(plates, len(few)))) for few in batches]


def drawing_settings(config: ResolvedConfig) -> dict[str, Any]:
    """What of a config decides a drawing's pixels, as JSON can hold it: what is loaded by its contents."""
    settings = config.model_dump(mode="json", exclude=set(NOT_DRAWING))
    settings["device"] = config.device.split(":")[0]  # devices of a kind draw alike
    settings["loras"] = [
        [_contents(lora.file), lora.weight, *([lora.expert] if lora.expert else [])] for lora in config.loras
    ]
    settings["vae"] = config.vae and _contents(config.vae)
    settings["embeddings"] = [[Path(file).stem, _contents(file)] for file in config.embeddings]
    settings["references"] = [_contents(file) for file in config.references]
    for name in ("ip_adapter", "image_encoder", "transformer"):
        settings[name] = settings[name] and _contents(settings[name])
    settings["fit"] = config.fit and config.fit.startswith(
        "fp8"
    )  # moving weights to and fro changes no pixel
    settings["blends"] = config.blends and config.strength < 1
    for name in ADDED:
        if not settings[name]:
            del settings[name]  # the fingerprint of what does not use them stays as it was
    for table in settings["controls"]:
        table["model"] = table["model"] and _contents(table["model"])
    return settings


def _contents(name: str) -> object:
    """Stands for the weights that a name means, wherever they lie; a hub id stands for itself."""
    path = Path(name).expanduser()
    if path.is_file():
        return fingerprint_file(path)
    if path.is_dir():
        files = sorted([*path.rglob("*.safetensors"), *path.rglob("*.json")])
        return [[str(file.relative_to(path)), fingerprint_file(file)] for file in files]
    return name
