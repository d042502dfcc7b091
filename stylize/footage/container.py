"""Opening film files, with ffmpeg's complaints turned into sentences."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from stylize.errors import FootageError, UsageError
from stylize.footage.guard import open_media, open_stream


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """The film file's `av.container.InputContainer`, closed afterwards.

    Raises:
        UsageError: there is no such file, or it is a folder.
        FootageError: it is not a film, or ends before its own table of contents.
    """
    import av

    if path.is_dir():
        raise UsageError(
            "This is a folder, not a clip.",
            where=path,
            hint=f"For an image sequence give its pattern: {path}/NAME.%06d.png",
        )
    if not path.exists():
        raise UsageError("There is no such file.", where=path, hint="Check the path and its spelling.")
    try:
        container = open_media(path)
    except PermissionError as error:
        raise FootageError("The file may not be read.", where=path, hint="Check its permissions.") from error
    except av.error.FFmpegError as error:
        raise FootageError(
            "The file is not a film that ffmpeg can read, or it is cut short.",
            where=path,
            hint=f"ffmpeg says: {error.strerror}. Copy or export the clip again.",
        ) from error
    with container:
        try:
            yield container
        except (OverflowError, UnicodeError) as error:  # numbers and names that PyAV cannot take from ffmpeg
            raise broken(path, f"The file is damaged: it holds what cannot be ({error}).") from error


@contextmanager
def opened_pipe(stream: IO[bytes]) -> Iterator[Any]:
    """The same for a film that arrives through a pipe.

    Raises:
        FootageError: what arrives is not a film, or its pictures are too large.
    """
    import av

    try:
        container = open_stream(stream, Path("stdin"))
    except (av.error.FFmpegError, ValueError) as error:
        raise FootageError(
            "What comes through the pipe is not a film.",
            where="stdin",
            hint="send Matroska, MPEG-TS or YUV4MPEG2: ffmpeg -i CLIP -f matroska - | stylize live -",
        ) from error
    with container:
        yield container


def film_stream(container: Any, path: Path) -> Any:
    """The picture stream a player would show; cover art and thumbnails are none.

    Raises:
        FootageError: the file has no moving pictures.
    """
    import av

    if container.format.name.endswith("_pipe") or container.format.name == "image2":
        raise FootageError(
            "This is a still picture, not a film.",
            where=path,
            hint="For an image sequence give its pattern: NAME.%06d.png or NAME.######.png",
        )
    stills = av.stream.Disposition.attached_pic | av.stream.Disposition.timed_thumbnails
    films = [stream for stream in container.streams.video if not stream.disposition & stills]
    if films and all(stream.codec_context is None for stream in films):
        raise FootageError(
            "The film is coded in a way that ffmpeg cannot decode, or it is damaged.",
            where=path,
            hint="Copy or export the clip again.",
        )
    films = [stream for stream in films if stream.codec_context is not None]
    if not films:
        holds = "only sound" if container.streams.audio else "no pictures"
        raise FootageError(f"The file holds {holds}.", where=path, hint="Give a file with a video stream.")
    best = container.streams.best("video")
    return best if best in films else films[0]


def damaged(path: Path, what: str) -> FootageError:
    """A place in a clip that cannot be read; the rest of it can."""
    return FootageError(
        what,
        where=path,
        hint="Copy or export the clip again, or choose an intact part with --start and --end.",
    )


def broken(path: Path, what: str) -> FootageError:
    """A file that cannot be read as a whole."""
    return FootageError(what, where=path, hint="Copy or export the clip again.")
