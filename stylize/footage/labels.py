"""What a film file says of itself besides its pictures and sound: titles, languages, chapters, the reel, the time
of creation. It is read from the source and written into the film."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from stylize.footage.clip import Clip
from stylize.footage.container import opened
from stylize.footage.outfile import temporary_folder
from stylize.footage.target import FilmTarget

OF_THE_FILM = (
    "title", "artist", "album", "album_artist", "composer", "comment", "description", "synopsis", "copyright",
    "date", "genre", "show", "episode_id", "creation_time",
)  # fmt: skip
"""Those that MP4 and QuickTime have a place for."""
OF_A_TRACK = ("language", "title")
REEL = ("reel_name", "reel", "com.apple.quicktime.reel")
"""What the reel of tape or card is called by the writers of files."""
LONGEST = 4096
"""Characters of one label: longer ones are no names."""
TICKS = 1_000_000
MOST_CHAPTERS = 1000


@dataclass(frozen=True)
class Chapter:
    """A named part of a film, in seconds on the film's own clock."""

    start: Fraction
    end: Fraction
    title: str


@dataclass(frozen=True)
class Labels:
    """The labels of a film, of its picture track, and of its sound tracks in their order."""

    film: Mapping[str, str] = field(default_factory=dict)
    picture: Mapping[str, str] = field(default_factory=dict)
    sound: tuple[Mapping[str, str], ...] = ()
    chapters: tuple[Chapter, ...] = ()
    chapters_file: Path | None = None
    """Where the chapters are written for ffmpeg."""


def read_labels(clip: Clip, target: FilmTarget, origin: Fraction) -> Labels:
    """The labels of a film that shows the frames of `target`; none where the clip lies in pictures, or in no file.

    Args:
        origin: the time on the clip's clock at which the film begins, s.
    """
    if clip.lies_in_pictures or not clip.path.is_file():
        return Labels()
    with opened(clip.path) as container:
        video = container.streams[clip.stream]
        reels = (
            value
            for each in (video, *container.streams.data, container)
            for key, value in each.metadata.items()
            if key.lower() in REEL
        )
        reel = next(reels, None)
        picture = _those(video.metadata, ("language",))
        if reel is not None and clip.timecode is not None and target.container == "mov":
            picture |= _those({"reel_name": reel}, ("reel_name",))
        return Labels(
            _those(container.metadata, OF_THE_FILM),
            picture,
            tuple(_those(container.streams[each.stream].metadata, OF_A_TRACK) for each in target.audio),
            tuple(_chapters(container, clip, target, origin)),
        )


def _those(metadata: Mapping[str, str], names: tuple[str, ...]) -> dict[str, str]:
    lowered = {key.lower(): value for key, value in metadata.items()}
    return {
        name: lowered[name] for name in names if lowered.get(name) and len(lowered[name]) <= LONGEST
    }  # none that is empty


def _chapters(container: Any, clip: Clip, target: FilmTarget, origin: Fraction) -> Iterator[Chapter]:
    """Those that the film shows a part of, cut off where it begins and ends."""
    begin = clip.pts_of(target.start) * clip.time_base
    end = clip.pts_of(0) * clip.time_base + clip.seconds_of(target.end)
    for each in container.chapters()[:MOST_CHAPTERS]:
        base = Fraction(each["time_base"])
        first, last = max(begin, each["start"] * base), min(end, each["end"] * base)
        if first < last:
            yield Chapter(first - origin, last - origin, each["metadata"].get("title", "")[:LONGEST])


@contextmanager
def with_chapters_in_a_file(labels: Labels, folder: Path) -> Iterator[Labels]:
    """The labels with their chapters in a file, in ffmpeg's metadata format, while the block lasts."""
    with temporary_folder(folder, ".chapters.") as place:
        file = place / "chapters"
        _write_chapters(labels.chapters, file)
        yield replace(labels, chapters_file=file)


def _write_chapters(chapters: tuple[Chapter, ...], file: Path) -> None:
    lines = [";FFMETADATA1"]
    for each in chapters:
        lines += ["[CHAPTER]", f"TIMEBASE=1/{TICKS}"]
        lines += [f"START={round(each.start * TICKS)}", f"END={round(each.end * TICKS)}"]
        lines.append(f"title={_escaped(each.title)}")
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _escaped(text: str) -> str:
    return "".join(f"\\{letter}" if letter in "=;#\\\n" else letter for letter in text if letter != "\r")


def with_labels(command: list[str], out: Path, labels: Labels) -> list[str]:
    """A command of ffmpeg that writes `out`, with the options that set the labels and take none of its inputs'."""
    at = command.index(f"file:{out}")
    before, after = command[:at], command[at:]
    taken = -1
    if labels.chapters_file is not None:  # an input of which no stream is taken
        taken = before.count("-i")
        place = len(before) - before[::-1].index("-i") + 1
        before[place:place] = ["-f", "ffmetadata", "-i", f"file:{labels.chapters_file}"]
    before += ["-map_chapters", str(taken), "-map_metadata", str(taken)]
    if taken >= 0:
        before += ["-map_metadata:s", "-1"]
    tracks = [("-metadata", labels.film), ("-metadata:s:v:0", labels.picture)]
    tracks += [(f"-metadata:s:a:{place}", track) for place, track in enumerate(labels.sound)]
    for option, track in tracks:
        for name, value in track.items():
            before += [option, f"{name}={value}"]
    return before + after
