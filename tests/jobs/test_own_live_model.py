"""A style that brings a live model of its own, made in chunks as a farm makes it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from stylize import pipeline
from stylize.cli import main
from stylize.footage import probe, read_frames
from stylize.jobs.job import RenderJob
from stylize.jobs.manifest import save_job
from tests.live_model import write_negative

STYLE = 'title = "Negative"\ncheckpoint = "live"\nprompt = "negative"\n'


def test_chunks_of_it_are_the_whole_film(planned: Callable[..., RenderJob], tmp_path: Path) -> None:
    pack = tmp_path / "negative"
    write_negative(pack / "live")
    (pack / "style.toml").write_text(STYLE)
    asked = {"style": str(pack), "size": 96, "steps": None, "precision": None}
    whole, job = (planned(name, **asked) for name in ("whole.mp4", "chunks.mp4"))
    pipeline.run(whole)
    mark, run = save_job(job), str(job.run_dir)
    for step in job.segments[0].passes:
        for frames in ("7-12", "0-6"):
            assert main(["worker", step.name, frames, run, "--expect", mark, "-q"]) == 0
    assert main(["worker", "encode", "all", run, "-q"]) == 0
    films = [[frame.pixels for frame in read_frames(probe(each.film.path))] for each in (whole, job)]
    np.testing.assert_array_equal(*films)
    plates = [frame.pixels for frame in read_frames(whole.clip)]
    assert (
        np.mean([np.abs(1 - plate - drawn).mean() for plate, drawn in zip(plates, films[0], strict=True)])
        < 0.1
    )
