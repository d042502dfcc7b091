"""`stylize keyframes suggest`: frames worth painting, and their plates to paint over."""

from __future__ import annotations

from pathlib import Path

import cv2

from .conftest import CUT, Typed


def test_the_frames_are_named_and_their_plates_are_written(typed: Typed, clip: Path) -> None:
    said = typed("keyframes", "suggest", clip, "-n", "2", "-o", "keys", "--json")
    (record,) = said.lines
    assert said.code == 0
    frames = [each["frame"] for each in record["suggested"]]
    assert {frame < CUT for frame in frames} == {True, False}  # one in each shot
    assert record["suggested"][0]["shows"] < record["suggested"][1]["shows"] <= 1
    assert sorted(path.name for path in Path("keys").iterdir()) == sorted(
        f"{clip.stem}.{frame:06d}.png" for frame in frames
    )
    again = typed("keyframes", "suggest", clip, "-n", "1", "-o", "more", "--keyframes", "keys")
    assert again.code == 0
    assert len(list(Path("more/blind").iterdir())) == 1
    refused = typed("keyframes", "suggest", clip, "-n", "2", "-o", "keys")
    assert refused.code == 2
    assert cv2.imread(record["files"][0]) is not None


def test_more_frames_than_there_are_are_not_suggested(typed: Typed, clip: Path) -> None:
    said = typed("keyframes", "suggest", clip, "-n", "99")
    assert said.code == 2
    assert "99 keys were asked of 20 frames" in said.err
