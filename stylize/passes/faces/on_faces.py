"""A pass of whole pictures, at work on every face for itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from stylize.footage.faces import FaceSheet, FaceTrack
from stylize.passes.base import Inputs, Pass, Pictures
from stylize.passes.faces.tiles import TileInputs, empty_row, preview_of, tile_of
from stylize.passes.frame_set import FrameSet


@dataclass
class OnFaces(Pass):
    """Makes of each face's squares what another pass makes of pictures: drawn, finished or steadied.

    To that pass the frames of a face are a shot of their own. So a face has one noise, looks at no other face, and
    a model that draws windows of a shot draws windows of the face.

    Attributes:
        name: of the pass.
        sheet: the faces.
        steps: the pass that does the work, once for each slot, as it may keep something of its shot.
        frames: those that show a face.
        working_px: the pixels of the film's drawings, by which work and memory are counted.
    """

    name: str
    sheet: FaceSheet
    steps: tuple[Pass, ...]
    frames: FrameSet
    working_px: int = 1

    @property
    def size(self) -> tuple[int, int]:  # type: ignore[override]
        return self.sheet.tile * self.sheet.slots, self.sheet.tile

    @property
    def needs(self) -> tuple[str, ...]:
        return self.steps[0].needs

    @property
    def lookaround(self) -> tuple[int, int]:  # type: ignore[override]
        return self.steps[0].lookaround

    @property
    def depends_on_frame_set(self) -> bool:  # type: ignore[override]
        return self.steps[0].depends_on_frame_set

    @property
    def window_frames(self) -> int:  # type: ignore[override]
        """In frames of the film's drawings, as memory is counted."""
        px = self.sheet.slots * self.sheet.tile**2 * self.steps[0].window_frames
        return -(-px // self.working_px)

    @property
    def device(self) -> str:  # type: ignore[override]
        return self.steps[0].device

    @property
    def in_previews(self) -> bool:
        return True

    def settings(self) -> object:
        faces = [[track.start, len(track.squares), track.slot] for track in self.sheet.tracks]
        return [self.sheet.tile, faces, self.steps[0].settings(), *self._late_firsts]

    @property
    def _late_firsts(self) -> list[object]:
        """The first frame that is made of each face, where that decides pixels and is not the face's first."""
        if not self.steps[0].depends_on_first:
            return []
        made, tracks = self.frames.numbers, self.sheet.tracks
        firsts = [next((number for number in made if number in track), None) for track in tracks]
        return [] if firsts == [track.start for track in tracks] else [firsts]

    def close(self) -> None:
        for step in self.steps:
            step.close()

    def network_frames(self, numbers: Sequence[int]) -> float:
        faces = [number for number in numbers for _ in self.sheet.at(number)]
        return self.steps[0].network_frames(faces) * self.sheet.tile**2 / self.working_px

    def preview_frames(self, shot: Sequence[int], index: int) -> tuple[Sequence[int], range]:
        return preview_of(self.sheet, index)

    def reads(self, shot: Sequence[int], wanted: range) -> dict[str, Sequence[int]]:
        found: dict[str, set[int]] = {name: set() for name in self.needs}
        for track, own, part in self._parts(shot, wanted):
            for name, numbers in self.steps[track.slot].reads(own, part).items():
                found[name].update(numbers)
        return {name: sorted(numbers) for name, numbers in found.items()}

    def render(self, shot: Sequence[int], wanted: range, inputs: Inputs) -> Iterator[tuple[int, Pictures]]:
        streams = [
            (track, self.steps[track.slot].render(own, part, TileInputs(inputs, self.sheet, track.slot)))
            for track, own, part in self._parts(shot, wanted)
        ]
        for number in shot[wanted.start : wanted.stop]:
            row = empty_row(self.sheet)
            for track, stream in streams:
                if number in track:
                    _, (drawn,) = next(stream)
                    tile_of(row, self.sheet, track.slot)[...] = drawn
            yield number, (row,)

    def _parts(self, shot: Sequence[int], wanted: range) -> Iterator[tuple[FaceTrack, Sequence[int], range]]:
        """The faces of the wanted frames, each with its own frames of the shot, and which of these are wanted."""
        asked = set(shot[wanted.start : wanted.stop])
        first, last = shot[0], shot[-1]
        for track in self.sheet.tracks:
            if track.start > last or track.end <= first:
                continue
            own = [number for number in shot if number in track]
            places = [place for place, number in enumerate(own) if number in asked]
            if places:
                yield track, own, range(places[0], places[-1] + 1)
