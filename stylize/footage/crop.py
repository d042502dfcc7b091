"""What a container hides of its pictures: the clean aperture of QuickTime and MP4, and the crop of Matroska.

Players show only the rest. PyAV does not tell of either, so that both are read from the file here: `clap` by
ISO/IEC 14496-12 (12.1.4), `PixelCrop` by RFC 9559 (5.1.4.1.28).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

LARGEST_HEADER = 64 << 20
"""Bytes of a `moov` or a `Tracks` that are read to find the crop."""
MATROSKA_HEAD = 4 << 20
"""Bytes at the beginning of a Matroska file in which its tracks are looked for."""
_TO_STSD = (b"mdia", b"minf", b"stbl", b"stsd")
_SAMPLE_ENTRY = 86
"""Bytes of a `VisualSampleEntry` before the boxes in it."""
_SEGMENT, _TRACKS, _ENTRY, _VIDEO = 0x18538067, 0x1654AE6B, 0xAE, 0xE0
_EDGES = {0x54CC: "left", 0x54BB: "top", 0x54DD: "right", 0x54AA: "bottom"}


@dataclass(frozen=True)
class Crop:
    """How many pixels of each edge of the stored picture are not shown."""

    left: int = 0
    top: int = 0
    right: int = 0
    bottom: int = 0

    def __bool__(self) -> bool:
        return any((self.left, self.top, self.right, self.bottom))

    def size_of(self, width: int, height: int) -> tuple[int, int]:
        """What is left of a size."""
        return width - self.left - self.right, height - self.top - self.bottom


NO_CROP = Crop()


def read_crop(path: Path, container: Any, stream: Any) -> Crop:
    """What the container hides of a stream's pictures; nothing where it says nothing, or what cannot be."""
    width, height = stream.codec_context.width, stream.codec_context.height
    with path.open("rb") as file:
        if "mp4" in container.format.name:
            found = _clean_aperture(file, stream.id, width, height)
        elif "matroska" in container.format.name:
            found = _pixel_crop(file, stream.index)
        else:
            return Crop()
    inside = min(found.left, found.top, found.right, found.bottom) >= 0
    return found if inside and min(found.size_of(width, height)) > 0 else Crop()


def cropped(pictures: Iterator[tuple[int, Any]], crop: Crop) -> Iterator[tuple[int, Any]]:
    """`av.VideoFrame`s with their numbers, without what is hidden of them.

    As in ffmpeg, an odd left or upper edge moves chroma of half size by half of its pixel.
    """
    graph = None
    for index, picture in pictures:
        graph = graph or _graph(picture, crop)
        graph.push(picture)
        shown = graph.pull()
        shown.pts = picture.pts
        yield index, shown


def _graph(picture: Any, crop: Crop) -> Any:
    import av.filter

    width, height = crop.size_of(picture.width, picture.height)
    graph = av.filter.Graph()
    graph.threads = 1
    source = graph.add_buffer(
        width=picture.width, height=picture.height, format=picture.format, time_base=picture.time_base
    )
    edge = graph.add("crop", f"w={width}:h={height}:x={crop.left}:y={crop.top}:exact=1")
    sink = graph.add("buffersink")
    source.link_to(edge)
    edge.link_to(sink)
    graph.configure()
    return graph


def _clean_aperture(file: IO[bytes], track: int, width: int, height: int) -> Crop:
    for kind, start, end in _boxes(file):
        if kind == b"moov" and end - start <= LARGEST_HEADER:
            file.seek(start)
            return _of_moov(file.read(end - start), track, width, height)
    return Crop()


def _of_moov(moov: bytes, track: int, width: int, height: int) -> Crop:
    for kind, trak in _boxes_in(moov):
        if kind != b"trak" or _track_number(trak) != track:
            continue
        found: bytes | None = trak
        for name in _TO_STSD:
            found = _first(found or b"", name)
        entry = next(_boxes_in((found or b"")[8:]), (b"", b""))[1]
        clap = _first(entry[_SAMPLE_ENTRY - 8 :], b"clap")
        if clap is not None and len(clap) >= 32:
            return _from_clap(clap, width, height)
    return Crop()


def _from_clap(clap: bytes, width: int, height: int) -> Crop:
    """The aperture's size, and where its middle lies as seen from the picture's, as fractions."""
    numbers = struct.unpack(">IIIIiIiI", clap[:32])
    if not all(numbers[1::2]):
        return Crop()
    across, down, right, below = (a / b for a, b in zip(numbers[::2], numbers[1::2], strict=True))
    left, top = (width - across) / 2 + right, (height - down) / 2 + below
    return Crop(round(left), round(top), round(width - left - across), round(height - top - down))


def _track_number(trak: bytes) -> int:
    header = _first(trak, b"tkhd") or b""
    place = 20 if header[:1] == b"\1" else 12
    return int.from_bytes(header[place : place + 4], "big")


def _boxes(file: IO[bytes]) -> Iterator[tuple[bytes, int, int]]:
    """The boxes of a file: their kind, and where their contents begin and end."""
    length, at = file.seek(0, 2), 0
    while at + 8 <= length:
        file.seek(at)
        size, kind = struct.unpack(">I4s", file.read(8))
        start = at + 8
        if size == 1:
            size, start = int.from_bytes(file.read(8), "big"), at + 16
        end = length if size == 0 else at + size
        if end < start:
            return
        yield kind, start, end
        at = end


def _boxes_in(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The boxes in a box's contents: their kind and contents."""
    at = 0
    while at + 8 <= len(data):
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        if size < 8:
            return
        yield kind, data[at + 8 : at + size]
        at += size


def _first(data: bytes, kind: bytes) -> bytes | None:
    return next((contents for name, contents in _boxes_in(data) if name == kind), None)


def _pixel_crop(file: IO[bytes], place: int) -> Crop:
    """The crop of the track at this place; ffmpeg numbers streams by the tracks' order."""
    file.seek(0)
    segment = next((each for name, each in _elements(file.read(MATROSKA_HEAD)) if name == _SEGMENT), b"")
    tracks = next((each for name, each in _elements(segment) if name == _TRACKS), b"")
    entries = [entry for name, entry in _elements(tracks) if name == _ENTRY]
    if place >= len(entries):
        return Crop()
    video = dict(_elements(dict(_elements(entries[place])).get(_VIDEO, b"")))
    return Crop(**{edge: int.from_bytes(video.get(name, b""), "big") for name, edge in _EDGES.items()})


def _elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The EBML elements of some bytes (RFC 8794): their number and contents, as far as they lie there."""
    at = 0
    while at < len(data):
        length = 9 - data[at].bit_length()
        number = int.from_bytes(data[at : at + length], "big")
        at += length
        if length > 4 or at >= len(data):
            return
        length = 9 - data[at].bit_length()
        size = int.from_bytes(data[at : at + length], "big") & ((1 << 7 * length) - 1)
        at += length
        if length > 8:
            return
        if size == (1 << 7 * length) - 1:  # unknown: to the end
            size = len(data) - at
        yield number, data[at : at + size]
        at += size
