"""The part of a page that plays films of the same moments, one drawn over the other up to a line that moves."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stylize.report.page.markup import Markup, join, tag


@dataclass(frozen=True)
class StackedFilm:
    """Films of the same moments as one: the pictures of a moment stand one below the other.

    Attributes:
        file: an .mp4 for browsers.
        names: of the pictures, from the top.
        times: when each frame is shown, seconds.
        first: the number of the first frame.
        aspect: width by height of one picture, as it is to be seen.
        has_sound: whether the film is heard.
    """

    file: Path
    names: Sequence[str]
    times: Sequence[float]
    first: int
    aspect: float
    has_sound: bool

    def data(self) -> dict[str, str | dict[str, Any]]:
        """What the script of the page reads."""
        facts = {
            "names": list(self.names),
            "times": [round(time, 5) for time in self.times],
            "first": self.first,
            "aspect": self.aspect,
            "sound": self.has_sound,
        }
        return {"film": base64.b64encode(self.file.read_bytes()).decode(), "film-facts": facts}


def viewer(film: StackedFilm) -> Markup:
    """The viewer's markup."""
    first, last = film.names[0], film.names[-1]
    stage = tag(
        "div",
        tag("canvas", data_view="canvas", role="img", aria_label=f"{first} and {last}, one over the other"),
        tag("span", first, class_="name left", data_view="left"),
        tag("span", last, class_="name right", data_view="right"),
        tag(
            "div",
            class_="wipe",
            data_view="wipe",
            role="slider",
            tabindex=0,
            aria_label=f"How much of the picture shows {first}",
            aria_valuemin=0,
            aria_valuemax=100,
            aria_valuenow=50,
        ),
        class_="stage",
        data_view="stage",
    )
    screen = tag("div", stage, class_="screen", data_view="screen")
    seek = tag(
        "input",
        type="range",
        min=0,
        max=len(film.times) - 1,
        value=0,
        data_view="seek",
        class_="grow",
        aria_label="Frame",
    )
    controls = tag(
        "div",
        tag("button", "Play", type="button", data_view="play"),
        seek,
        tag("output", "0:00.00", class_="number time", data_view="time"),
        tag("button", "Sound on", type="button", data_view="mute", aria_pressed="true"),
        *_modes(film.names),
        tag("button", "Full screen", type="button", data_view="full"),
        class_="controls",
    )
    return tag("section", screen, controls, _keys(), class_="viewer", aria_label="Viewer")


def _modes(names: Sequence[str]) -> list[Markup]:
    """Buttons for one picture, the wipe and the other; where there are more than two, lists to choose from."""
    chooser = [
        tag(
            "select",
            *(tag("option", name, value=at, selected=at == chosen) for at, name in enumerate(names)),
            data_view=f"choose-{side}",
            aria_label=f"Picture on the {side}",
        )
        for side, chosen in (("left", 0), ("right", len(names) - 1))
    ]
    words = (
        ("left", names[0] if len(names) == 2 else "Left", False),
        ("wipe", "Wipe", True),
        ("right", names[-1] if len(names) == 2 else "Right", False),
    )
    buttons = [
        tag("button", word, type="button", data_mode=mode, aria_pressed=str(pressed).lower())
        for mode, word, pressed in words
    ]
    return [*(chooser if len(names) > 2 else []), *buttons]


def _keys() -> Markup:
    pairs = (
        ("Space", "play"), (",", "frame back"), (".", "frame on"), ("A", "wipe left"), ("D", "wipe right"),
        ("1", "one"), ("2", "wipe"), ("3", "the other"),
    )  # fmt: skip
    return tag("p", *(join(tag("kbd", key), f" {word}  ") for key, word in pairs), class_="keys")
