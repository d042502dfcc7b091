"""The screen keyer: a shot before a screen in, mattes and foregrounds out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from compositing.colour import Image, Plane, linear_from_srgb, premultiply
from compositing.key.ahead import ahead
from compositing.key.chroma import has_halved_chroma, restore_chroma
from compositing.key.edges import Matted, steady_edge, steady_edges
from compositing.key.foreground import despill, edge_foreground
from compositing.key.guides import Guides
from compositing.key.project import Values, guess, project
from compositing.key.shadow import shadow
from compositing.key.trimap import shared_colour, split
from compositing.matte import Keyed
from compositing.screen.colour import ScreenColour, find_screen
from compositing.screen.mosaic import Mosaic, lay_mosaic
from compositing.screen.motion import Motion, follow_screen
from compositing.screen.plate import combine, relight
from compositing.screen.stillness import stands_still


@dataclass(frozen=True)
class KeySettings:
    """What a person may turn.

    Attributes:
        screen: `auto`, `green`, `blue` or `#rrggbb`.
        black, white: alphas up to the one become 0, from the other on 1.
        despill: how much of the screen's light on the subject is taken back, 0 to 1.
        steady: how much the edge's alpha is averaged over neighbouring frames, 0 to 1.
        shadows: whether the shadows on the screen are kept.
    """

    screen: str = "auto"
    black: float = 0.0
    white: float = 1.0
    despill: float = 1.0
    steady: float = 1.0
    shadows: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.black < self.white <= 1:
            raise ValueError(
                f"Black and white are levels of alpha: {self.black} and {self.white} are no range."
            )
        for name in ("despill", "steady"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} is from 0 to 1, not {getattr(self, name)}.")


@dataclass(frozen=True)
class Draft:
    """What is known of a frame before its alpha is final.

    Of the edge's n pixels, whose flat indices are `where`: the screen `behind` them and the foreground's `own`
    colour, (n, 3) each.
    """

    light: Image
    behind: Values
    own: Values
    where: NDArray[np.intp]
    core: Plane
    bare: Plane
    kept: Plane | None


class ScreenKeyer:
    """Keys one shot.

    Args:
        samples: some frames of the shot, spread over it, display-referred RGB (height, width, 3) in [0, 1]; the
            screen's colour and the clean plate are made from them.
        settings: see there.
        guides: what a person has said by hand; they hold for every frame.

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
        self._restores = has_halved_chroma(samples[len(samples) // 2])
        lights = [linear_from_srgb(sample) for sample in samples]
        self.colour: ScreenColour = find_screen(
            [self.guides.hide(each) for each in lights], self.settings.screen
        )
        self.still = stands_still(lights, self.colour)
        self._plate = combine(lights, self.colour) if self.still else None
        self._mosaic: Mosaic | None = None

    def look_through(
        self, frames: Iterable[Image], samples: Sequence[Image], numbers: Sequence[int]
    ) -> Motion | None:
        """Looks through the whole shot of a moving camera once, so that all of its frames share one clean plate.

        Without that, or where the screen has too few marks to tell how it moves, each frame makes its own plate,
        and marks that touch the subject cannot be told from it.

        Args:
            frames: all frames of the shot, display-referred RGB; one is held at a time.
            samples: some of them, of which the plate is made.
            numbers: their places in the shot.

        Returns:
            How the screen moves; None where it cannot be told, or the camera stands still.
        """
        motion = None if self.still else follow_screen(frames, self.colour)
        if motion is not None:
            lights = [linear_from_srgb(sample) for sample in samples]
            self._mosaic = lay_mosaic(lights, numbers, motion, self.colour)
        return motion

    def key(self, frames: Iterable[Image], first: int = 0) -> Iterator[Keyed]:
        """The mattes and foregrounds of the shot's frames, in order; three frames are held at a time.

        Args:
            frames: display-referred RGB, (height, width, 3) in [0, 1].
            first: the place of the first of them in the shot.
        """
        drafts = ahead(lambda each: self.draft(each[1], each[0]), enumerate(frames, start=first))
        for alpha, frame in steady_edges(drafts, self.settings.steady):
            yield self.finish(frame, alpha)

    def key_frame(self, here: Image, near: Sequence[Image] = ()) -> Keyed:
        """One frame of the shot, in any order; `near` are its neighbours, which steady its edge."""
        frame = self.draft(here)
        others = [self.draft(each) for each in near] if self.settings.steady > 0 else []
        return self.finish(frame, steady_edge(frame, others, self.settings.steady))

    def try_out(self, coded: Image) -> tuple[float, float]:
        """The share of a frame that is subject, and the share of the subject that has the screen's colour."""
        light, screen = self.light_and_screen(coded)
        trimap = self.guides.apply(split(light, screen, self.colour.difference))
        return float(trimap.core.mean()), shared_colour(trimap)

    def draft(self, coded: Image, number: int | None = None) -> Matted[Draft]:
        """One frame's own matte, without its neighbours; `number` is its place in the shot, where it is known."""
        light, screen = self.light_and_screen(coded, number)
        trimap = self.guides.apply(split(light, screen, self.colour.difference))
        where = np.flatnonzero(trimap.edge)
        front, behind = light.reshape(-1, 3)[where], screen.reshape(-1, 3)[where]
        found, own = trimap.rough.reshape(-1)[where], front
        if trimap.core.any():  # else there is glass or smoke alone: no solid colour to project on
            found, own = project(front, behind, found, guess(light, trimap), trimap.noise)
        alpha = trimap.core.astype(np.float32)
        alpha.reshape(-1)[where] = found
        kept = self.guides.untouched(trimap.core.shape)
        rest = Draft(light, behind, own, where, trimap.core, trimap.bare, kept)
        return Matted(coded, alpha, trimap.edge, rest)

    def light_and_screen(self, coded: Image, number: int | None = None) -> tuple[Image, Image]:
        """A frame's light, its chroma restored, and its clean plate, scene-linear; `number` as in `draft`."""
        light = linear_from_srgb(restore_chroma(coded) if self._restores else coded)
        plate = self._plate
        if self._mosaic is not None and number is not None:
            plate = self._mosaic.seen_by(number)
        elif plate is None:
            plate = combine([light], self.colour)
        return light, relight(light, *plate, self.colour)

    def finish(self, frame: Matted[Draft], alpha: Plane) -> Keyed:
        """The foreground under a final alpha."""
        draft = frame.rest
        front, cover = draft.light.reshape(-1, 3)[draft.where], alpha.reshape(-1)[draft.where]
        premult = premultiply(draft.light, draft.core.astype(np.float32))
        premult.reshape(-1, 3)[draft.where] = edge_foreground(front, draft.behind, cover, draft.own)
        premult = despill(premult, alpha, draft.core, self.colour, self.settings.despill, draft.kept)
        levelled = self._levels(alpha)
        if levelled is not alpha:
            premult = premult * np.minimum(levelled / np.maximum(alpha, np.float32(1e-4)), 4)[..., None]
        kept = shadow(draft.light, draft.bare, self.colour) if self.settings.shadows else None
        return Keyed(premult, levelled, frame.edge, kept)

    def _levels(self, alpha: Plane) -> Plane:
        black, white = self.settings.black, self.settings.white
        if (black, white) == (0, 1):
            return alpha
        return np.clip((alpha - np.float32(black)) / np.float32(white - black), 0, 1)
