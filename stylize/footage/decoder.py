"""Frames out of a clip, one at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, groupby
from pathlib import Path
from typing import Any

from stylize.errors import FootageError, UsageError
from stylize.footage.alpha import ALPHA_DECODERS
from stylize.footage.clip import Clip, Frame
from stylize.footage.container import damaged, opened
from stylize.footage.crop import cropped
from stylize.footage.fields import LOOKAROUND, deinterlaced
from stylize.footage.finite import made_finite
from stylize.footage.picture import depth_of, pixels_of
from stylize.footage.pulldown import film_frames, span_of
from stylize.footage.read_still import read_still
from stylize.footage.sequence import source_file
from stylize.footage.whole_frames import without_combs


def read_frames(clip: Clip, start: int = 0, end: int | None = None) -> Iterator[Frame]:
    """The frames `start` to `end` (not included; None for the clip's end), in order.

    A stream: a few frames are held at a time, however long the clip. Pixels are upright float32 RGB in
    [0, 1], shape (clip.height, clip.width, 3), in the clip's own transfer; pictures with non-square
    pixels keep their stored size. A frame is the same whichever `start` it is reached from.

    Raises:
        UsageError: the range lies outside the clip.
        FootageError: a frame is damaged, missing, or not at its time.
    """
    end = clip.frame_count if end is None else end
    check_range(clip, start, end)
    if clip.lies_in_pictures:
        return _read_stills(clip, start, end)
    return (_frame(index, picture, clip) for index, picture in read_pictures(clip, start, end))


def pick_frames(clip: Clip, numbers: Sequence[int]) -> Iterator[Frame]:
    """The frames of these ascending numbers, each decoded once; as `read_frames` in all else."""
    if not numbers:
        return
    wanted = frozenset(numbers)
    if clip.lies_in_pictures:
        for run in _runs(numbers):
            yield from read_frames(clip, run.start, run.stop)
        return
    start, end = numbers[0], numbers[-1] + 1
    check_range(clip, start, end)
    for index, picture in read_pictures(clip, start, end):
        if index in wanted:
            yield _frame(index, picture, clip)


def _frame(index: int, picture: Any, clip: Clip) -> Frame:
    pixels = pixels_of(picture, clip)
    if depth_of(picture) <= 16:
        return Frame(index, picture.pts, pixels)
    return Frame(index, picture.pts, *made_finite(pixels))


def _runs(numbers: Sequence[int]) -> Iterator[range]:
    """Ascending numbers as ranges without holes."""
    for _, pairs in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0]):
        run = [number for _, number in pairs]
        yield range(run[0], run[-1] + 1)


def check_range(clip: Clip, start: int, end: int) -> None:
    """Refuses a range of frames that is empty or not of the clip."""
    if not 0 <= start < end <= clip.frame_count:
        raise UsageError(
            f"Frames {start} to {end} are no part of this clip of {clip.frame_count} frames.",
            where=clip.path,
            hint=f"Choose a start from 0 and an end after it, up to {clip.frame_count}.",
        )


def read_pictures(clip: Clip, start: int, end: int) -> Iterator[tuple[int, Any]]:
    """A film file's `av.VideoFrame`s as they are stored, with their numbers, without combs where the clip is
    interlaced and without what the container hides; in all else as `read_frames`."""
    pictures = _whole_pictures(clip, start, end)
    yield from cropped(pictures, clip.crop) if clip.crop else pictures


def _whole_pictures(clip: Clip, start: int, end: int) -> Iterator[tuple[int, Any]]:
    """As `read_pictures`, with what the container hides."""
    if clip.pulldown is not None:
        stored = _stored_pictures(clip.stored, *span_of(clip.pulldown, start, end))
        for index, picture in film_frames(stored, clip.pulldown, start, end):
            picture.pts = clip.pts_of(index)
            yield index, picture
        return
    if not clip.interlaced:
        yield from _stored_pictures(clip, start, end)
        return
    first, last = max(0, start - LOOKAROUND), min(clip.frame_count, end + LOOKAROUND)
    pictures = _stored_pictures(clip, first, last)
    order = clip.field_order
    for index, picture in without_combs(pictures) if order is None else deinterlaced(pictures, order):
        if start <= index < end:
            yield index, picture


def _stored_pictures(clip: Clip, start: int, end: int) -> Iterator[tuple[int, Any]]:
    with opened(clip.path) as container:
        stream = container.streams[clip.stream]
        wanted = start
        for picture in _from_keyframe_before(container, stream, clip, start):
            if wanted == end:
                return
            due = clip.pts_of(wanted)
            if picture.pts != due:
                if picture.pts is not None and wanted == start and picture.pts < due:
                    continue
                raise damaged(clip.path, f"Frame {wanted} is missing: the file is damaged or has changed.")
            _check_size(picture, clip, wanted)
            yield wanted, picture
            wanted += 1
    if wanted < end:
        raise damaged(clip.path, f"The film ends after {wanted} frames; it should have {clip.frame_count}.")


def _check_size(picture: Any, clip: Clip, index: int) -> None:
    """Refuses a clip whose pictures change their size (a phone turned while it streamed, a call's quality)."""
    turned = clip.rotation in (90, 270)
    due = (clip.height, clip.width) if turned else (clip.width, clip.height)
    due = (due[0] + clip.crop.left + clip.crop.right, due[1] + clip.crop.top + clip.crop.bottom)
    if (picture.width, picture.height) != due:
        raise FootageError(
            f"The pictures change from {due[0]}x{due[1]} to {picture.width}x{picture.height} at frame {index}, "
            f"{float(clip.seconds_of(index)):.2f} s into the clip.",
            where=clip.path,
            hint=f"Draw the part before it with --end {index}f, or bring the clip to one size: "
            f"ffmpeg -i IN -vf scale={due[0]}:{due[1]} OUT.mp4",
        )


def decoded(container: Any, stream: Any, path: Path, packets: Iterator[Any] | None = None) -> Iterator[Any]:
    """Every picture of a stream, whole ones only.

    Raises:
        FootageError: a picture is damaged.
    """
    import av

    if not stream.codec_context.is_open:
        stream.thread_type = "AUTO"
    decoder = _decoder_of_alpha(stream)
    count = 0
    try:
        for packet in packets if packets is not None else container.demux(stream):
            for picture in packet.decode() if decoder is None else decoder.decode(packet):
                if picture.is_corrupt:
                    raise damaged(path, f"The picture at {picture.time or 0:.2f} s is damaged.")
                yield picture
                count += 1
    except av.error.FFmpegError as error:
        raise damaged(path, f"The film cannot be decoded after {count} frames ({error.strerror}).") from error


def _decoder_of_alpha(stream: Any) -> Any:
    """A decoder for a stream of WebM that has alpha beside its pictures; None where the stream's own will do."""
    import av

    name = ALPHA_DECODERS.get(stream.codec_context.name)
    if stream.metadata.get("alpha_mode") != "1" or name not in av.codecs_available:
        return None
    decoder = av.CodecContext.create(name, "r")
    decoder.extradata = stream.codec_context.extradata
    return decoder


def _from_keyframe_before(container: Any, stream: Any, clip: Clip, start: int) -> Iterator[Any]:
    """Pictures from the nearest keyframe that is shown no later than frame `start`.

    Of the pictures coded after a keyframe, those shown after it need nothing before it, in open groups
    of pictures too; those shown before it may. So a keyframe shown at or before the wanted frame gives
    the same pictures as decoding from the first one. Where a decoder needs a run-up (gradual refresh
    has no true keyframes) its first picture comes later than that, and an earlier keyframe is taken.
    """
    if clip.untimed:
        for picture, pts in zip(decoded(container, stream, clip.path), clip.pts, strict=False):
            picture.pts = pts
            yield picture
        return
    due = clip.pts_of(start)
    target = due
    while start > 0 and target > clip.pts_of(0):
        container.seek(target, stream=stream, backward=True)
        packets = container.demux(stream)
        landed = next(packets, None)
        if landed is None or landed.pts is None or not landed.size:
            break
        if landed.is_keyframe and landed.pts <= due and not landed.is_discard:
            pictures = decoded(container, stream, clip.path, chain([landed], packets))
            first = next(pictures, None)
            if first is not None and first.pts is not None and first.pts <= due:
                yield first
                yield from pictures
                return
        target = min(target, landed.dts if landed.dts is not None else landed.pts) - 1
    with opened(clip.path) as fresh:
        yield from decoded(fresh, fresh.streams[clip.stream], clip.path)


def _read_stills(clip: Clip, start: int, end: int) -> Iterator[Frame]:
    for index in range(start, end):
        path = source_file(clip, index)
        if not path.is_file():
            raise damaged(path, f"Frame {index} of the sequence has gone missing.")
        pixels, mended = read_still(path, clip)
        yield Frame(index, clip.pts_of(index), pixels, mended)
