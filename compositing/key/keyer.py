"""The screen keyer: a shot before a screen in, mattes and foregrounds out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compositing.colour import Image, Plane, linear_from_srgb, premultiply
from compositing.errors import InvalidSetting
from compositing.key.chroma import has_halved_chroma, restore_chroma
from compositing.key.edges import MattedFrame, steady_edge, steady_edges
from compositing.key.foreground import despill, edge_foreground
from compositing.key.guides import Guides
from compositing.key.pieces import solid_side, without_marks
from compositing.key.project import Values, guess, project
from compositing.key.shadow import shadow
from compositing.key.trimap import shared_colour, split
from compositing.key.window import find_window
from compositing.matte import Keyed
from compositing.screen.clean import CleanPlate, StillPlate, Window, enlarged
from compositing.screen.colour import ScreenColour, find_screen
from compositing.screen.mosaic import build_mosaic
from compositing.screen.motion import Motion, follow_screen
from compositing.screen.plate import coarse, combine, light_ratio
from compositing.screen.stillness import stands_still
from deflicker.prefetch import prefetch


@dataclass(frozen=True)
class KeySettings:
    """What a person may turn.

    Attributes:
        screen: `auto`, `green`, `blue` or `#rrggbb`.
        black, white: alphas up to the one become 0, from the other on 1.
        despill: how much of the screen's light on the subject is taken back, 0 to 1.
        steady: how much the edge's alpha is averaged over neighbouring frames, 0 to 1.
        shadows: whether the shadows on the screen are kept.
        solid: whether pieces of the matte without a solid middle are left out; see `without_marks`.
    """

    screen: str = "auto"
    black: float = 0.0
    white: float = 1.0
    despill: float = 1.0
    steady: float = 1.0
    shadows: bool = False
    solid: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.black < self.white <= 1:
            raise InvalidSetting(
                f"Black and white are levels of alpha: {self.black} and {self.white} are no range.",
                hint="black lies below white, both from 0 to 1",
            )
        for name in ("despill", "steady"):
            if not 0 <= getattr(self, name) <= 1:
                raise InvalidSetting(f"{name.capitalize()} is from 0 to 1, not {getattr(self, name)}.")


@dataclass(frozen=True)
class Draft:
    """What is known of a frame before its alpha is final, in the `window` that is worked on.

    Of the edge's n pixels, whose flat indices in the window are `where`: the screen `behind` them and the
    foreground's `own` colour, (n, 3) each.
    """

    window: Window
    light: Image
    behind: Values
    own: Values
    where: NDArray[np.intp]
    core: Plane
    bare: Plane
    kept: Plane | None


class LinearFrames(Sequence[Image]):
    """The scene-linear light of display-referred pictures, computed anew each time it is asked for."""

    def __init__(self, coded: Sequence[Image]) -> None:
        self._coded = coded

    def __len__(self) -> int:
        return len(self._coded)

    def __getitem__(self, number: Any) -> Any:
        return linear_from_srgb(self._coded[number])


class ScreenKeyer:
    """Keys one shot.

    Args:
        samples: some frames of the shot, spread over it, display-referred RGB (height, width, 3) in [0, 1]; the
            screen's colour and the clean plate are made from them. Half floats will do.
        settings: see there.
        guides: areas marked by hand; they hold for every frame.

    Raises:
        NoScreen: there is none of that colour.
        ValueError: `samples` is empty.
    """

    def __init__(
        self, samples: Sequence[Image], settings: KeySettings | None = None, guides: Guides | None = None
    ) -> None:
        if not samples:
            raise ValueError("A keyer needs at least one frame of the shot.")
        self.settings = settings or KeySettings()
        self.guides = guides or Guides()
        self._restores = has_halved_chroma(samples[len(samples) // 2].astype(np.float32))
        lights = LinearFrames(samples)
        self.colour: ScreenColour = find_screen(map(self.guides.hide, lights), self.settings.screen)
        self.still = stands_still(lights, self.colour)
        self._plate: CleanPlate | None = StillPlate(*combine(lights, self.colour)) if self.still else None

    def build_shot_plate(
        self, frames: Iterable[Image], samples: Sequence[Image], numbers: Sequence[int]
    ) -> Motion | None:
        """Looks through the whole shot of a moving camera once, so that all of its frames share one clean plate.

        Without that, or where the screen has too few marks to show how it moves, each frame makes its own plate,
        and marks that touch the subject are taken for a part of it.

        Args:
            frames: all frames of the shot, display-referred RGB; one is held at a time.
            samples: some of them, of which the plate is made.
            numbers: their places in the shot.

        Returns:
            How the screen moves; None where that is not known, or the camera stands still.
        """
        motion = None if self.still else follow_screen(frames, self.colour)
        if motion is not None:
            self._plate = build_mosaic(LinearFrames(samples), numbers, motion, self.colour)
        return motion

    def key(self, frames: Iterable[Image], first: int = 0) -> Iterator[Keyed]:
        """The mattes and foregrounds of the shot's frames, in order; three frames are held at a time.

        Args:
            frames: display-referred RGB, (height, width, 3) in [0, 1].
            first: the place of the first of them in the shot.
        """
        drafts = prefetch(self.draft(frame, number) for number, frame in enumerate(frames, start=first))
        for alpha, frame in steady_edges(drafts, self.settings.steady):
            yield self.finish(frame, alpha)

    def key_frame(self, here: Image, near: Sequence[Image] = ()) -> Keyed:
        """One frame of the shot, in any order; `near` are its neighbours, which steady its edge."""
        frame = self.draft(here)
        others = [self.draft(each) for each in near] if self.settings.steady > 0 else []
        return self.finish(frame, steady_edge(frame, others, self.settings.steady))

    def subject_shares(self, coded: Image) -> tuple[float, float]:
        """The share of a frame that is subject, and the share of the subject that has the screen's colour."""
        light, screen = self.light_and_screen(coded)
        self.guides.check(light.shape[:2])
        trimap = self.guides.apply(split(light, screen, self.colour.difference))
        return float(trimap.core.mean()), shared_colour(trimap)

    def draft(self, coded: Image, number: int | None = None) -> MattedFrame[Draft]:
        """One frame's own matte, without its neighbours; `number` is its place in the shot, where it is known."""
        self.guides.check(coded.shape[:2])
        rows, columns = coded.shape[:2]
        alone = self._plate is None or (number is None and not self.still)
        everywhere = (slice(0, rows), slice(0, columns))
        whole = self._restored(coded, everywhere) if alone and self._restores else linear_from_srgb(coded)
        plate = self._seen_by(whole, number)
        clean, sure = plate.coarse(number or 0)
        frame = coarse(whole)
        ratio = light_ratio(frame, clean, sure, self.colour)
        least = solid_side(rows) if self.settings.solid else 0
        marked = self.guides.subject()
        window = find_window(frame, ratio * clean, self.colour.difference, (columns, rows), marked, least)
        sharp = alone or not self._restores
        light = np.ascontiguousarray(whole[window]) if sharp else self._restored(coded, window)
        screen = plate.part(number or 0, window) * enlarged(ratio, (columns, rows), window)
        guides = self.guides.within(window)
        trimap = guides.apply(split(light, screen, self.colour.difference, rows))
        where = np.flatnonzero(trimap.edge)
        front, behind = light.reshape(-1, 3)[where], screen.reshape(-1, 3)[where]
        found, own = trimap.rough.reshape(-1)[where], front
        if trimap.core.any():  # else there is glass or smoke alone: no solid colour to project on
            found, own = project(front, behind, found, guess(light, trimap, rows), trimap.noise)
        matte = trimap.core.astype(np.float32)
        matte.reshape(-1)[where] = found
        alpha, edge = np.zeros((rows, columns), np.float32), np.zeros((rows, columns), bool)
        alpha[window], edge[window] = matte, trimap.edge
        rest = Draft(window, light, behind, own, where, trimap.core, trimap.bare, guides.untouched())
        return MattedFrame(coded, alpha, edge, rest)

    def light_and_screen(self, coded: Image, number: int | None = None) -> tuple[Image, Image]:
        """A frame's light, its chroma restored, and its clean plate, scene-linear; `number` as in `draft`."""
        rows, columns = coded.shape[:2]
        everywhere = (slice(0, rows), slice(0, columns))
        light = self._restored(coded, everywhere) if self._restores else linear_from_srgb(coded)
        plate = self._seen_by(light, number)
        ratio = light_ratio(coarse(light), *plate.coarse(number or 0), self.colour)
        return light, plate.part(number or 0, everywhere) * enlarged(ratio, (columns, rows), everywhere)

    def _seen_by(self, light: Image, number: int | None) -> CleanPlate:
        """The plate of the shot; the frame's own where there is none, or its place in the shot is not known."""
        if self._plate is None or (number is None and not self.still):
            return StillPlate(*combine([light], self.colour))
        return self._plate

    def _restored(self, coded: Image, window: Window) -> Image:
        """The light of a part of a frame, the chroma sharpened."""
        return linear_from_srgb(restore_chroma(np.ascontiguousarray(coded[window])))

    def finish(self, frame: MattedFrame[Draft], alpha: Plane) -> Keyed:
        """The foreground under a final alpha."""
        draft = frame.rest
        matte = np.ascontiguousarray(alpha[draft.window])
        front, cover = draft.light.reshape(-1, 3)[draft.where], matte.reshape(-1)[draft.where]
        part = premultiply(draft.light, draft.core.astype(np.float32))
        part.reshape(-1, 3)[draft.where] = edge_foreground(front, draft.behind, cover, draft.own)
        amount, rows = self.settings.despill, alpha.shape[0]
        part = despill(part, matte, draft.core, self.colour, amount, draft.kept, rows)
        levelled = self._levels(alpha)
        if levelled is not alpha:
            gain = np.minimum(levelled[draft.window] / np.maximum(matte, np.float32(1e-4)), 4)
            part = premultiply(part, gain)
        premult = np.zeros((*alpha.shape, 3), np.float32)
        premult[draft.window] = part
        kept = self._shadow(frame) if self.settings.shadows else None
        keyed = Keyed(premult, levelled, frame.edge, kept)
        return without_marks(keyed) if self.settings.solid else keyed

    def _shadow(self, frame: MattedFrame[Draft]) -> Plane:
        bare = np.ones(frame.alpha.shape, bool)
        bare[frame.rest.window] = frame.rest.bare
        return shadow(linear_from_srgb(frame.coded), bare, self.colour)

    def _levels(self, alpha: Plane) -> Plane:
        black, white = self.settings.black, self.settings.white
        if (black, white) == (0, 1):
            return alpha
        return np.clip((alpha - np.float32(black)) / np.float32(white - black), 0, 1)
