"""Frames as PNG: what any reader of the format reads, and any writer of it may have written."""

from __future__ import annotations

import tracemalloc

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from stylize.storage.frame_file import levels_of
from stylize.storage.png import decode_png, encode_png


def levels(channels: int, size: tuple[int, int] = (37, 23)) -> NDArray[np.uint8]:
    return np.random.default_rng(channels).integers(0, 256, (*size, channels), np.uint8)


def to_opencv(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.ascontiguousarray(picture[..., [2, 1, 0, 3][: picture.shape[2]]])


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("size", [(1, 1), (37, 23), (64, 1)])
def test_it_comes_back_and_others_read_it(channels: int, size: tuple[int, int]) -> None:
    picture = levels(channels, size)
    coded = encode_png(picture)
    np.testing.assert_array_equal(decode_png(coded), picture)
    read = cv2.imdecode(np.frombuffer(coded, np.uint8), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(read, to_opencv(picture))


@pytest.mark.parametrize("filter", [cv2.IMWRITE_PNG_FILTER_UP, cv2.IMWRITE_PNG_ALL_FILTERS])
@pytest.mark.parametrize("size", [(37, 23), (300, 200)])
def test_what_opencv_wrote_is_read(filter: int, size: tuple[int, int]) -> None:
    """Frames of an earlier version; the large one lies in several parts."""
    picture = levels(3, size)
    options = [cv2.IMWRITE_PNG_COMPRESSION, 1, cv2.IMWRITE_PNG_FILTER, filter]
    coded = cv2.imencode(".png", to_opencv(picture), options)[1].tobytes()
    np.testing.assert_array_equal(decode_png(coded), picture)


def test_sixteen_bits_and_no_picture() -> None:
    deep = np.random.default_rng(0).integers(0, 65536, (9, 7, 3), np.uint16)
    coded = cv2.imencode(".png", np.ascontiguousarray(deep[..., ::-1]))[1].tobytes()
    np.testing.assert_array_equal(decode_png(coded), deep)
    whole = encode_png(levels(3))
    assert decode_png(b"") is None
    assert decode_png(whole[:20]) is None
    assert decode_png(whole[:60]) is None


def test_no_more_is_unpacked_than_the_header_names() -> None:
    """A file whose rows unpack to a thousand times its header's size, and one whose header names far too many."""
    whole = encode_png(np.zeros((2000, 2000, 3), np.uint8))
    header = whole.index(b"IHDR") + 4

    def named(width: int, height: int) -> bytes:
        return whole[:header] + width.to_bytes(4, "big") + height.to_bytes(4, "big") + whole[header + 8 :]

    tracemalloc.start()
    assert decode_png(named(2, 2)) is None
    assert decode_png(named(2**31 - 1, 2**31 - 1)) is None
    assert decode_png(named(0, 5)) is None
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()


def test_levels_are_rounded_as_numpy_rounds() -> None:
    """Halves to the even level, and what lies outside to the nearest end, in every row of several bands."""
    halves = (np.arange(-40, 300, dtype=np.float32) + np.float32(0.5)) / np.float32(255)
    pixels = np.resize(halves, (70, 51, 3)).astype(np.float32)
    due = np.rint(np.clip(pixels, 0, 1) * 255).astype(np.uint8)
    np.testing.assert_array_equal(levels_of(pixels, "8"), due)
