"""The film's own model, as it draws faces."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from stylize.config.resolved import ResolvedConfig
from stylize.generators.base import FrameGenerator
from stylize.passes.held import Held


class FaceGenerator(Held[FrameGenerator]):
    """The generator that a film's pass holds, with another config that needs no other weights."""

    def __init__(self, of_film: Held[FrameGenerator], film: ResolvedConfig, faces: ResolvedConfig) -> None:
        super().__init__()
        self._of_film, self._film, self._faces = of_film, film, faces

    def get(self, load: Callable[[], FrameGenerator], key: Hashable = None) -> FrameGenerator:
        from stylize.generators.load import load_generator

        return self._of_film.get(lambda: load_generator(self._film)).with_config(self._faces)

    @property
    def held(self) -> FrameGenerator | None:
        return self._of_film.held

    def release(self) -> None:
        self._of_film.release()


def held_for_faces(
    of_film: Held[FrameGenerator], film: ResolvedConfig, faces: ResolvedConfig
) -> Held[FrameGenerator]:
    """Where faces' generator is kept: with the film's, unless another prompt asks for a model of its own."""
    from stylize.generators.load import what_is_loaded

    if what_is_loaded(film) != what_is_loaded(faces):
        return Held()
    return FaceGenerator(of_film, film, faces)
