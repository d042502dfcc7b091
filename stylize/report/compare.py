"""Films of the same moments beside each other, and what the differences measure; whoever made them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Literal

import cv2
import numpy as np

from stylize import footage
from stylize.errors import Interrupted, OutputError, UsageError
from stylize.events import FrameDone, Listener, PassFinished, PassStarted, silent
from stylize.footage.clip import Clip, Frame, Pixels
from stylize.footage.outfile import sweep, temporary_folder
from stylize.report.flicker import FlickerMeter, reduce_height
from stylize.report.page.document import is_ours, write_document
from stylize.report.page.markup import Markup, join, tag
from stylize.report.page.viewer import StackedFilm, viewer
from stylize.report.pictures_seen import page_size
from stylize.storage.atomic import atomic_write

NAME = "compare"
"""The name under which progress is told."""
Layout = Literal["side", "wipe"]
MEASURED_PX = 384
"""Pictures are measured at this height at most."""
WIPE_S = 4.0
"""How long the line of a wipe takes there and back."""


@dataclass(frozen=True)
class FilmMeasures:
    """What was measured of one film.

    Attributes:
        name: of its file.
        flicker: mean squared warp error x1000 between neighbours along the guide's motion; None for one frame.
        sharpness: how steep its lines are beside those of the first film.
        psnr: peak signal-to-noise ratio beside the first film, dB; infinite for the same.
    """

    name: str
    flicker: float | None
    sharpness: float
    psnr: float


@dataclass(frozen=True)
class FilmComparison:
    """The measures of all films, the guide along whose motion flicker was measured, and the guide's own flicker."""

    films: tuple[FilmMeasures, ...]
    guide: str
    guide_flicker: float | None


@dataclass
class _Sums:
    """Of one film: sharpness and squared differences beside the first film, frame by frame."""

    sharpness: list[float] = field(default_factory=list)
    squares: list[float] = field(default_factory=list)


def compare_films(
    films: Sequence[Path],
    out: Path,
    *,
    source: Path | None = None,
    layout: Layout = "side",
    overwrite: bool = False,
    listener: Listener = silent,
    stop: Callable[[], bool] = lambda: False,
) -> FilmComparison:
    """Writes films beside each other, as a film or as a page, and measures them.

    Args:
        films: two or three films or image sequences with the same number of frames; they may differ in size.
        out: `.mp4` or `.mov`: a film with the first one's times and sound. `.html`: a page with a wipe.
        source: what they were made from: it is shown first, and flicker is measured along its motion; without it
            along that of the first film.
        layout: of a film: side by side, or the first up to a line that moves over the last.

    Raises:
        UsageError: the films differ in length, or there are not two or three.
        OutputError: the output cannot be written.
    """
    if not 2 <= len(films) <= 3:
        raise UsageError("Two or three films are compared.", hint="stylize compare A B [C]")
    clips = [footage.probe(path) for path in [*([source] if source else []), *films]]
    for clip in clips[1:]:
        if clip.frame_count != clips[0].frame_count:
            raise UsageError(
                f"The films differ in length: {clips[0].frame_count} and {clip.frame_count} frames.",
                where=clip.path,
            )
    names = _names(clips, has_source=source is not None)
    walk = _Walk(clips, names, source is not None, listener, stop)
    listener(PassStarted(NAME, clips[0].frame_count))
    began = time.perf_counter()
    if out.suffix.lower() == ".html":
        _write_page(walk, out, overwrite)
    else:
        _write_film(walk, out, layout, overwrite)
    listener(PassFinished(NAME, time.perf_counter() - began))
    return walk.measures()


def _names(clips: Sequence[Clip], *, has_source: bool) -> list[str]:
    """A name for each film: its file's, with a number where two bear the same."""
    found: list[str] = []
    for number, clip in enumerate(clips):
        name = "source" if has_source and number == 0 else clip.path.name
        found.append(f"{name} ({number + 1})" if name in found else name)
    return found


class _Walk:
    """One way through all films at once: their pictures at one size, measured as they pass."""

    def __init__(
        self,
        clips: Sequence[Clip],
        names: list[str],
        has_source: bool,
        listener: Listener,
        stop: Callable[[], bool],
    ) -> None:
        self.clips, self.names = clips, names
        self.size = page_size(clips[-1])
        self.films = names[1:] if has_source else names
        self._listener, self._stop = listener, stop
        self._meter = FlickerMeter(clips[0].frame_count)
        self._sums = {name: _Sums() for name in self.films}
        self._cuts = {shot.start for shot in footage.find_shots(clips[0])}

    def pictures(self) -> Iterator[tuple[int, dict[str, Pixels]]]:
        """Every frame's number, and its picture in each film by name."""
        numbers = range(self.clips[0].frame_count)
        streams = [footage.pick_seen(clip, numbers, self.size) for clip in self.clips]
        for number, *frames in zip(numbers, *streams, strict=True):
            if self._stop():
                raise Interrupted("Stopped.", hint="give the same command to begin again")
            seen = {name: frame.pixels for name, frame in zip(self.names, frames, strict=True)}
            self._measure(number, seen)
            yield number, seen
            self._listener(FrameDone(NAME, number))

    def _measure(self, number: int, seen: dict[str, Pixels]) -> None:
        from deflicker import metrics

        if number in self._cuts:
            self._meter.begin_shot()
        films = {name: seen[name] for name in self.films}
        self._meter.add(number, seen[self.names[0]], lambda: films)
        small = {name: reduce_height(picture, MEASURED_PX) for name, picture in films.items()}
        first = small[self.films[0]]
        for name, picture in small.items():
            self._sums[name].sharpness.append(metrics.sharpness(picture, first))
            self._sums[name].squares.append(float(np.mean((picture - first) ** 2, dtype=np.float64)))

    def measures(self) -> FilmComparison:
        """What was measured; every frame must have passed."""
        curve = self._meter.curve()
        found = []
        for name, sums in self._sums.items():
            square = float(np.mean(sums.squares))
            psnr = float("inf") if square == 0 else -10 * float(np.log10(square))
            flicker = curve.mean(name) if curve else None
            found.append(FilmMeasures(name, flicker, float(np.mean(sums.sharpness)), psnr))
        return FilmComparison(tuple(found), self.names[0], curve.mean("source") if curve else None)


def _write_film(walk: _Walk, out: Path, layout: Layout, overwrite: bool) -> None:
    clip = replace(walk.clips[0], pixel_aspect=Fraction(1))
    footage.check_film(out, clip, overwrite=overwrite)

    def frames() -> Iterator[Frame]:
        for number, seen in walk.pictures():
            pictures = list(seen.values())
            if layout == "side":
                shown = np.concatenate(pictures, axis=1)
            else:
                shown = _wiped(pictures[0], pictures[-1], float(clip.seconds_of(number)))
            yield Frame(number, clip.pts_of(number), shown)

    footage.write_film(frames(), out, clip, overwrite=overwrite)


def _wiped(left: Pixels, right: Pixels, seconds: float) -> Pixels:
    """The left picture up to an upright line that moves there and back, the right one beyond it."""
    width = left.shape[1]
    phase = 2 * seconds / WIPE_S % 2
    edge = round(width * (0.1 + 0.8 * (phase if phase < 1 else 2 - phase)))
    shown = right.copy()
    shown[:, :edge] = left[:, :edge]
    cv2.rectangle(shown, (edge - 1, 0), (edge, left.shape[0]), (1.0, 1.0, 1.0), -1)
    return shown


def _write_page(walk: _Walk, out: Path, overwrite: bool) -> None:
    if out.exists() and not overwrite:
        raise UsageError(
            "The output exists.", where=out, hint="Add -y to replace it, or choose another name."
        )
    if out.exists() and not is_ours(out):
        raise OutputError("A file that is no page of ours has this name.", where=out, hint="move it away")
    clip = walk.clips[0]
    out.parent.mkdir(parents=True, exist_ok=True)
    has_sound = bool(clip.audio) and not clip.is_sequence

    def frames() -> Iterator[Frame]:
        for number, seen in walk.pictures():
            yield Frame(number, clip.pts_of(number), np.concatenate(list(seen.values()), axis=0))

    with temporary_folder(out.parent, ".compare.") as folder:
        span = range(clip.frame_count)
        file = footage.write_web_film(frames(), folder / "film.mp4", clip, span, sound=has_sound)
        times = [float(clip.seconds_of(number) - clip.seconds_of(0)) for number in span]
        film = StackedFilm(file, walk.names, times, 0, walk.size[0] / walk.size[1], has_sound)
        body = tag("main", tag("h1", "Comparison"), viewer(film), _table(walk.measures()))
        page = write_document("Comparison", body, film.data())
    sweep(out.parent, f".{out.name}.", ".tmp")
    atomic_write(out, page)


def _table(found: FilmComparison) -> Markup:
    head = tag("tr", *(tag("th", name, scope="col") for name in ("film", "flicker", "sharpness", "PSNR")))
    rows = [
        tag("tr", tag("th", each.name, scope="row"), *(tag("td", word) for word in words_of(each)))
        for each in found.films
    ]
    text = (
        "Flicker: what changes between neighbouring frames beyond what moved, mean squared x1000 along the "
        f"motion of {found.guide}; lower is steadier. Sharpness and PSNR are beside the first film."
    )
    table = tag("table", tag("thead", head), tag("tbody", *rows))
    return join(tag("h2", "Measures"), tag("p", text, class_="quiet"), table)


def words_of(measures: FilmMeasures) -> tuple[str, str, str]:
    """Flicker, sharpness and PSNR as a person reads them."""
    flicker = "-" if measures.flicker is None else f"{measures.flicker:.2f}"
    psnr = "the same" if measures.psnr == float("inf") else f"{measures.psnr:.1f} dB"
    return flicker, f"{measures.sharpness:.0%}", psnr
