"""The source of a shot's mattes, as the words of `--matte` name it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from stylize import footage
from stylize.errors import FootageError
from stylize.events import Listener, Note, silent
from stylize.footage.clip import Clip, Shot

if TYPE_CHECKING:
    from compositing.colour import Image
    from compositing.key.guides import Guides
    from compositing.key.keyer import KeySettings, ScreenKeyer
    from compositing.matte import MatteSource

SAMPLES, SAMPLE_PIXELS = 12, 25_000_000
"""How many frames of a shot a screen keyer looks at first, and how many pixels they have together at most."""
LEAST_SAMPLES = 5
EMPTY = 2e-4
"""The share of a frame below which a matte holds nothing."""
SHARED = 0.05
"""The share of the subject that may have the screen's colour before the user is told."""


@dataclass(frozen=True)
class MatteChoice:
    """What mattes are made with.

    Attributes:
        source: `screen`, `rembg`, `rembg:MODEL`, or the path of a folder or sequence of mattes.
        settings: of the screen keyer; `steady` holds for rembg too.
        guides: by hand, for the screen keyer.
        offline: fetch no network.
    """

    settings: KeySettings
    guides: Guides
    source: str = "screen"
    offline: bool = False
    _kept: dict[str, MatteSource] = field(default_factory=dict, repr=False)


def make_source(choice: MatteChoice, clip: Clip, shot: Shot, listen: Listener = silent) -> MatteSource:
    """The source for one shot, made from samples of it.

    Raises:
        UsageError: there is no such source.
        FootageError: no screen in the shot, an empty matte, too few mattes.
        MissingPart: rembg, or its network, is not on this machine.
    """
    kind, _, model = choice.source.partition(":")
    if choice.source == "screen":
        return screen_keyer(choice, clip, shot, listen)
    if kind == "rembg":
        if choice.source not in choice._kept:
            from stylize.comp.mattes.neural import NeuralMattes

            steady, offline = choice.settings.steady, choice.offline
            choice._kept[choice.source] = NeuralMattes(model, steady=steady, offline=offline)
        return choice._kept[choice.source]
    from stylize.comp.mattes.given import GivenMattes

    return GivenMattes(Path(choice.source), clip, shot)


def sample_numbers(clip: Clip, shot: Shot) -> list[int]:
    """The frames of a shot that are looked at first: evenly spread, its ends among them, fewer of large ones."""
    most = max(LEAST_SAMPLES, min(SAMPLES, SAMPLE_PIXELS // (clip.width * clip.height)))
    count = min(most, len(shot))
    if count == 1:
        return [shot.start + len(shot) // 2]
    return [shot.start + each * (len(shot) - 1) // (count - 1) for each in range(count)]


def screen_keyer(choice: MatteChoice, clip: Clip, shot: Shot, listen: Listener = silent) -> ScreenKeyer:
    """The keyer of a shot before a screen; what is odd about the shot is told.

    Raises:
        FootageError: no screen in the shot, or nothing but the screen.
        UsageError: a colour or a guide that cannot be meant.
    """
    from compositing.errors import CompositingError, NoScreen
    from compositing.key.keyer import ScreenKeyer
    from stylize.comp.errors import as_stylize_error

    # Half floats are a sixteenth of an 8-bit step at their coarsest, and half the memory.
    samples = [
        frame.pixels.astype(np.float16) for frame in footage.pick_frames(clip, sample_numbers(clip, shot))
    ]
    try:
        keyer = ScreenKeyer(samples, choice.settings, choice.guides)
    except NoScreen as error:
        raise FootageError(
            error.what,
            where=f"{clip.path}, frames {shot.start} to {shot.end - 1}",
            hint="pick the colour with --screen '#rrggbb', or take --matte rembg for footage without a screen",
        ) from error
    except CompositingError as error:
        raise as_stylize_error(error, "--screen") from error
    numbers = [number - shot.start for number in sample_numbers(clip, shot)]
    if not keyer.still and len(shot) > 1:
        keyer.build_shot_plate(
            (frame.pixels for frame in footage.read_frames(clip, shot.start, shot.end)), samples, numbers
        )
    _look_over(keyer, samples, clip, shot, listen)
    return keyer


def _look_over(
    keyer: ScreenKeyer, samples: Sequence[Image], clip: Clip, shot: Shot, listen: Listener
) -> None:
    """Keys three of the samples: is there a subject, and does it wear the screen's colour?"""
    tried = [
        keyer.subject_shares(sample.astype(np.float32)) for sample in samples[:: max(1, len(samples) // 3)]
    ]
    if max(share for share, _ in tried) < EMPTY:
        raise empty_matte(clip, shot)
    worn = max(shared for _, shared in tried)
    if worn > SHARED:
        listen(
            Note(
                f"{100 * min(worn, 1):.0f} % of the subject in frames {shot.start} to {shot.end - 1} has the "
                "colour of the screen: wide parts are kept, narrow ones may get holes. "
                "Hold them with --core or --holdout, or pick the screen's colour more exactly with --screen."
            )
        )


def empty_matte(clip: Clip, shot: Shot) -> FootageError:
    return FootageError(
        "The matte is empty: nothing stands before the screen.",
        where=f"{clip.path}, frames {shot.start} to {shot.end - 1}",
        hint="choose the frames with --start and --end, pick the screen's colour with --screen '#rrggbb', "
        "or say what is the subject with --core",
    )
