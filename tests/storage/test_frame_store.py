"""The frame store: whole frames or none, whatever the disk does, and names that stand for their contents."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from stylize.errors import BrokenFrame, OutputError
from stylize.footage.clip import Pixels
from stylize.storage.atomic import atomic_write
from stylize.storage.fingerprint import fingerprint, fingerprint_file
from stylize.storage.frame_file import SEAL_BYTES, BitDepth
from stylize.storage.frame_store import STALE_S, FrameStore


def picture(seed: int = 0, size: tuple[int, int] = (20, 30)) -> Pixels:
    return np.random.default_rng(seed).random((*size, 3), np.float32)


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir()) if folder.is_dir() else []


def refuse(number: int) -> object:
    def refusal(*args: object, **options: object) -> None:
        raise OSError(number, os.strerror(number))

    return refusal


# Round trips


@pytest.mark.parametrize(("depth", "levels"), [("8", 255), ("16", 65535), ("half", 2048)])
def test_a_frame_comes_back_to_the_nearest_level(tmp_path: Path, depth: BitDepth, levels: int) -> None:
    store, pixels = FrameStore(tmp_path / "run" / "pass", depth), picture()
    store.write(7, pixels)
    back = store.read(7)
    assert (back.shape, back.dtype) == (pixels.shape, np.float32)
    assert np.abs(back - pixels).max() <= 0.5 / levels + 1e-6
    assert names(store.folder) == ["000007.exr" if depth == "half" else "000007.png"]


def test_what_was_read_is_written_back_the_same(tmp_path: Path) -> None:
    """A pass that changes nothing changes nothing, down to the file."""
    for store in (FrameStore(tmp_path / "8"), FrameStore(tmp_path / "16", "16")):
        store.write(0, picture())
        store.write(1, store.read(0))
        first, second = (store.path(index).read_bytes()[:-SEAL_BYTES] for index in (0, 1))
        assert first == second


def test_channels_are_red_green_blue(tmp_path: Path) -> None:
    store = FrameStore(tmp_path)
    store.write(0, np.full((4, 4, 3), (1.0, 0.5, 0.0), np.float32))
    assert cv2.imread(str(store.path(0)))[0, 0].tolist() == [0, 128, 255]  # OpenCV: blue, green, red
    assert store.read(0)[0, 0] == pytest.approx([1, 128 / 255, 0], abs=1e-6)


def test_values_outside_the_range_are_clipped_not_wrapped(tmp_path: Path) -> None:
    store = FrameStore(tmp_path)
    store.write(0, np.array([[[-0.2, 0.5, 1.7]]], np.float32))
    assert store.read(0)[0, 0] == pytest.approx([0, 128 / 255, 1], abs=1e-6)


def test_half_floats_hold_light_above_white_and_alpha(tmp_path: Path) -> None:
    store, pixels = FrameStore(tmp_path, "half"), np.array([[[-0.25, 0.5, 4.0, 0.75]]], np.float32)
    store.write(0, pixels)
    np.testing.assert_array_equal(store.read(0), pixels)


@pytest.mark.parametrize("depth", ["8", "16", "half"])
def test_a_flipped_bit_is_noticed(tmp_path: Path, depth: BitDepth) -> None:
    store = FrameStore(tmp_path, depth)
    store.write(0, picture())
    coded = bytearray(store.path(0).read_bytes())
    coded[len(coded) // 2] ^= 16
    store.path(0).write_bytes(coded)
    with pytest.raises(OutputError, match="missing or broken"):
        store.read(0)


@pytest.mark.parametrize("depth", ["8", "16", "half"])
@pytest.mark.parametrize("byte", [0, 40, -1, -10, -20])
def test_a_frame_with_a_flipped_bit_is_made_again(tmp_path: Path, depth: BitDepth, byte: int) -> None:
    """It is taken out of the store when it is noticed, so that it is missing from then on."""
    store = FrameStore(tmp_path, depth)
    store.write(0, picture())
    coded = bytearray(store.path(0).read_bytes())
    coded[byte] ^= 1
    store.path(0).write_bytes(coded)
    with pytest.raises(BrokenFrame):
        store.read(0)
    assert store.missing([0]) == [0]
    store.write(0, picture())
    assert store.read(0).shape == (20, 30, 3)


def test_a_picture_of_other_origin_is_no_frame(tmp_path: Path) -> None:
    """Neither a black picture, nor one of another size, nor a frame of another number or another pass."""
    store, other = FrameStore(tmp_path / "style" / ("0" * 16)), FrameStore(tmp_path / "cel" / ("0" * 16))
    for index in (0, 1):
        store.write(index, picture(index))
    other.write(0, picture(7))
    genuine = store.path(0).read_bytes()
    strange = [store.path(1).read_bytes(), other.path(0).read_bytes(), genuine[:-SEAL_BYTES]]
    for shape in ((20, 30, 3), (1, 1, 3)):
        strange.append(cv2.imencode(".png", np.zeros(shape, np.uint8))[1].tobytes())
    for contents in strange:
        store.path(0).write_bytes(contents)
        with pytest.raises(BrokenFrame):
            store.read(0)
        assert store.missing([0]) == [0]
    store.path(0).write_bytes(genuine)
    np.testing.assert_array_equal(store.read(0), np.rint(picture(0) * 255) / np.float32(255))


def test_a_run_folder_may_be_moved(tmp_path: Path) -> None:
    store = FrameStore(tmp_path / "run" / "style" / ("0" * 16))
    store.write(0, picture())
    (tmp_path / "run").rename(tmp_path / "elsewhere")
    assert FrameStore(tmp_path / "elsewhere" / "style" / ("0" * 16)).read(0).shape == (20, 30, 3)


@pytest.mark.parametrize("text", ["{", "[1]", "[" * 100_000])
def test_a_broken_note_is_made_again_with_its_frame(tmp_path: Path, text: str) -> None:
    store = FrameStore(tmp_path)
    store.write(0, picture())
    store.write_note(0, {"done": "left"})
    store.path(0).with_suffix(".json").write_text(text)
    with pytest.raises(BrokenFrame):
        store.read_note(0)
    assert store.missing([0]) == [0]


def test_a_note_that_is_no_file_is_not_read(tmp_path: Path) -> None:
    """A pipe is taken away with its frame; a folder stays, and is told of."""
    store = FrameStore(tmp_path)
    for number, make in enumerate((os.mkfifo, os.mkdir)):
        store.write(number, picture())
        make(store.path(number).with_suffix(".json"))
        with pytest.raises(BrokenFrame):
            store.read_note(number)
    assert store.missing([0, 1]) == [0, 1]
    assert names(tmp_path) == ["000001.json"]


def test_a_frame_is_replaced_in_place(tmp_path: Path) -> None:
    store = FrameStore(tmp_path)
    store.write(0, picture(1))
    store.write(0, picture(2))
    assert np.abs(store.read(0) - picture(2)).max() < 0.003
    assert names(tmp_path) == ["000000.png"]


# What is missing


def test_missing_names_what_is_not_done_in_order(tmp_path: Path) -> None:
    store = FrameStore(tmp_path / "pass")
    assert store.missing(range(3, 8)) == [3, 4, 5, 6, 7]
    for index in (4, 6):
        store.write(index, picture())
    assert store.missing(range(3, 8)) == [3, 5, 7]


@pytest.mark.parametrize("depth", ["8", "16", "half"])
@pytest.mark.parametrize("kept", [0, 10, 100, -1])
def test_a_torn_frame_counts_as_missing(tmp_path: Path, kept: int, depth: BitDepth) -> None:
    store = FrameStore(tmp_path, depth)
    store.write(0, picture())
    store.path(0).write_bytes(store.path(0).read_bytes()[:kept])
    assert not store.has(0)
    assert store.missing(range(1)) == [0]
    with pytest.raises(OutputError, match="missing or broken") as caught:
        store.read(0)
    assert caught.value.hint
    assert caught.value.where == str(store.path(0))


def test_an_absent_frame_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="missing or broken"):
        FrameStore(tmp_path / "none").read(3)


# When writing fails


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_named_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    store = FrameStore(tmp_path / "pass")
    monkeypatch.setattr(os, "fsync", refuse(number))  # a file system may notice only now
    with pytest.raises(OutputError, match=r"The disk is full\.") as caught:
        store.write(0, picture())
    assert caught.value.where == str(store.folder)
    assert "free some room" in str(caught.value.hint)
    assert names(store.folder) == []
    monkeypatch.undo()
    store.write(0, picture())  # room was made
    assert store.has(0)


def test_a_write_that_stops_half_way_leaves_the_older_frame(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = FrameStore(tmp_path)
    store.write(0, picture(1))
    before = store.path(0).read_bytes()
    full_open = Path.open

    def open_half(path: Path, mode: str = "r", *args: object) -> object:
        file = full_open(path, mode)
        if path.name.endswith(".tmp"):
            full_write = file.write

            class HalfFile:
                def __enter__(self) -> HalfFile:
                    return self

                def __exit__(self, *what: object) -> None:
                    file.close()

                def write(self, data: bytes) -> int:
                    full_write(data[: len(data) // 2])
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

            return HalfFile()
        return file

    monkeypatch.setattr(Path, "open", open_half)
    with pytest.raises(OutputError, match="disk is full"):
        store.write(0, picture(2))
    monkeypatch.undo()
    assert store.path(0).read_bytes() == before
    assert names(tmp_path) == ["000000.png"]


def test_a_stop_in_the_middle_of_a_write_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", stop)
    with pytest.raises(KeyboardInterrupt):
        FrameStore(tmp_path).write(0, picture())
    assert names(tmp_path) == []


def test_nothing_bears_the_name_before_it_is_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[str]] = []
    monkeypatch.setattr(os, "fsync", lambda handle: seen.append(names(tmp_path)))
    atomic_write(tmp_path / "a.png", b"whole")
    assert len(seen) == 1
    assert [name.startswith(".a.png.") and name.endswith(".tmp") for name in seen[0]] == [True]
    assert names(tmp_path) == ["a.png"]


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM, errno.EROFS])
def test_a_folder_that_cannot_be_written_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(Path, "mkdir", refuse(number))
    with pytest.raises(OutputError, match=r"This folder cannot be written\.") as caught:
        FrameStore(tmp_path / "pass").write(0, picture())
    assert caught.value.where == str(tmp_path / "pass")
    assert "-o" in str(caught.value.hint)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="a superuser may write anywhere")
def test_a_folder_without_permission_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    try:
        with pytest.raises(OutputError, match=r"This folder cannot be written\."):
            FrameStore(tmp_path / "pass").write(0, picture())
    finally:
        tmp_path.chmod(0o755)


def test_a_file_in_the_folders_place_is_an_error_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "pass").write_text("not a folder")
    with pytest.raises(OutputError, match="Writing failed: "):
        FrameStore(tmp_path / "pass").write(0, picture())


def test_two_writers_of_one_frame_never_share_a_temporary_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second commits in the middle of the first, and the first still ends well."""
    calls: list[int] = []

    def meanwhile(handle: int) -> None:
        calls.append(handle)
        if len(calls) == 1:
            atomic_write(tmp_path / "a.png", b"the other's")

    monkeypatch.setattr(os, "fsync", meanwhile)
    atomic_write(tmp_path / "a.png", b"mine")
    assert (tmp_path / "a.png").read_bytes() == b"mine"
    assert names(tmp_path) == ["a.png"]


# Sweeping


def test_sweep_takes_only_what_dead_runs_left(tmp_path: Path) -> None:
    store = FrameStore(tmp_path)
    store.write(0, picture())
    old, fresh, foreign = (
        tmp_path / name for name in (".000001.png.x.tmp", ".000002.png.y.tmp", "notes.tmp")
    )
    for file in (old, fresh, foreign):
        file.write_bytes(b"half")
    hours_ago = time.time() - 2 * STALE_S
    for file in (old, foreign, store.path(0)):
        os.utime(file, (hours_ago, hours_ago))
    store.sweep()
    assert names(tmp_path) == [".000002.png.y.tmp", "000000.png", "notes.tmp"]


def test_sweep_of_a_folder_that_is_not_there_does_nothing(tmp_path: Path) -> None:
    FrameStore(tmp_path / "none").sweep()
    assert names(tmp_path) == []


def test_sweep_survives_a_file_that_vanishes_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two workers may sweep the same folder, and a live one may finish its frame."""
    gone = tmp_path / ".000001.png.x.tmp"
    monkeypatch.setattr(Path, "glob", lambda self, pattern: iter([gone]))
    FrameStore(tmp_path).sweep()


# Fingerprints


def test_a_fingerprint_is_the_same_tomorrow_and_elsewhere() -> None:
    facts = ("style", {"steps": 4, "strength": 0.5}, [(0, 12)], Path("a/b"))
    assert fingerprint(*facts) == "7709656f93c926aa"
    assert fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})


def test_any_change_gives_another_fingerprint() -> None:
    variants = [
        ("style", {"steps": 4}),
        ("steady", {"steps": 4}),
        ("style", {"steps": 5}),
        ("style", {"step": 4}),
        ("style", {"steps": "4"}),
        ("style", {"steps": 4}, None),
        (["style", {"steps": 4}],),
    ]
    assert len({fingerprint(*facts) for facts in variants}) == len(variants)


def test_a_files_fingerprint_is_of_its_contents_not_its_name(tmp_path: Path) -> None:
    one, same, other = (tmp_path / name for name in ("one", "same", "other"))
    one.write_bytes(b"contents")
    same.write_bytes(b"contents")
    other.write_bytes(b"content!")
    assert fingerprint_file(one) == fingerprint_file(same) != fingerprint_file(other)
    (tmp_path / "empty").write_bytes(b"")
    assert len(fingerprint_file(tmp_path / "empty")) == 16


@pytest.mark.parametrize("place", [0, 1_234_567, 3_999_999])
def test_a_changed_byte_anywhere_is_seen(tmp_path: Path, place: int) -> None:
    file = tmp_path / "film"
    contents = bytearray(np.random.default_rng(0).bytes(4_000_000))
    file.write_bytes(contents)
    before = fingerprint_file(file)
    assert before == fingerprint_file(file)
    contents[place] ^= 1
    file.write_bytes(contents)
    assert fingerprint_file(file) != before
