"""What measuring a film's fields costs, and what it is never asked of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from stylize.footage import field_windows, probe, read_frames, write_film

from .test_field_order import film, of, pan, weave


@pytest.fixture
def pictures_read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of all pictures whose fields are looked at."""
    read: list[int] = []
    from_keyframe = field_windows._from_keyframe

    def watched(*words: object) -> Iterator[tuple[int, object]]:
        for index, picture in from_keyframe(*words):  # type: ignore[arg-type]
            read.append(index)
            yield index, picture

    monkeypatch.setattr(field_windows, "_from_keyframe", watched)
    return read


def test_three_runs_suffice_of_a_progressive_film(tmp_path: Path, pictures_read: list[int]) -> None:
    probe(film(tmp_path / "film.mp4", of(pan, 200)))
    assert len(pictures_read) == 3 * field_windows.LENGTH


def test_all_runs_are_read_where_something_speaks_of_fields(tmp_path: Path, pictures_read: list[int]) -> None:
    clip = probe(film(tmp_path / "tape.mp4", of(weave(pan, "tff"), 200)))
    assert len(pictures_read) == field_windows.PLACES * field_windows.LENGTH
    assert clip.field_order == "tff"


def test_tall_pictures_are_not_measured(tmp_path: Path, pictures_read: list[int]) -> None:
    tall = np.full((field_windows.MOST_ROWS + 8, 32), 90, np.uint8)

    with av.open(str(tmp_path / "tall.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"preset": "ultrafast"})
        stream.height, stream.width, stream.pix_fmt = tall.shape[0], tall.shape[1], "yuv420p"
        for grey in (tall, tall + 40, tall):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.dstack([grey] * 3), format="rgb24")))
        container.mux(stream.encode(None))
    assert probe(tmp_path / "tall.mp4").frame_count == 3
    assert not pictures_read


def test_films_made_here_are_not_measured(tmp_path: Path, pictures_read: list[int]) -> None:
    clip = probe(film(tmp_path / "film.mp4", of(pan, 12)), measures_fields=False)
    write_film(read_frames(clip), tmp_path / "out.mp4", clip)
    assert not pictures_read
