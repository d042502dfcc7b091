"""The main job end to end, on a narrow copy of SD 1.5's architecture: resume, walls, fingerprints, sound."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from stylize import pipeline
from stylize.config.read_settings import read_settings
from stylize.errors import Interrupted, OutputError, UsageError
from stylize.events import Event, FrameDone, Note
from stylize.footage import ffmpeg_binary, probe, read_frames
from stylize.jobs.job import RenderJob
from stylize.jobs.plan_run import plan_run
from stylize.storage.frame_file import encode_frame
from stylize.storage.lock import run_lock
from tests.narrow import write_narrow_checkpoint

FRAMES, CUT = 14, 6


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_narrow_checkpoint(tmp_path_factory.mktemp("narrow"))


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """14 frames of 98x70 (no multiple of 64) at 30000/1001, a cut at 6, with sound."""
    out = tmp_path_factory.mktemp("clip") / "clip.mp4"
    graph = (
        "testsrc2=size=98x70:rate=30000/1001,trim=end_frame=6,setpts=PTS-STARTPTS[a];"
        "mandelbrot=size=98x70:rate=30000/1001,format=yuv420p,trim=start_frame=3:end_frame=11,setpts=PTS-STARTPTS[b];"
        "[a]format=yuv420p[c];[c][b]concat=n=2[v]"
    )
    words = ["-hide_banner", "-loglevel", "error", "-y", "-filter_complex", graph, "-map", "[v]"]
    subprocess.run(
        [ffmpeg_binary(), *words, "-c:v", "libx264", "-crf", "10", str(out.with_suffix(".v.mp4"))], check=True
    )
    sound = ["-f", "lavfi", "-i", "anoisesrc=seed=1:amplitude=0.3:sample_rate=48000:duration=0.46"]
    words = ["-hide_banner", "-loglevel", "error", "-y", "-i", str(out.with_suffix(".v.mp4")), *sound]
    subprocess.run([ffmpeg_binary(), *words, "-c:v", "copy", "-c:a", "aac", str(out)], check=True)
    return out


@pytest.fixture
def planned(clip: Path, model: Path, tmp_path: Path):
    """planned(name, **settings): a plan with quick settings."""

    def plan(name: str = "film.mp4", source: Path = clip, **settings: object) -> RenderJob:
        quick = {
            "model": str(model),
            "steps": 2,
            "size": 64,
            "precision": "fp32",
            "device": "cpu",
            "shots": write_shots(tmp_path, source),
        }
        return plan_run(source, tmp_path / name, read_settings(**(quick | settings)))

    return plan


def write_shots(folder: Path, clip: Path) -> Path:
    """The clip is too short for a detector to be sure of; the list says where its cut is."""
    listing = folder / "shots.csv"
    listing.write_text(f"start,end\n0,{CUT}\n{CUT},{FRAMES}\n")
    return listing


def decoded(film: Path) -> list[np.ndarray]:
    return [frame.pixels for frame in read_frames(probe(film))]


def test_a_clip_becomes_a_film(planned, clip: Path) -> None:
    events: list[Event] = []
    plan = planned()
    film = pipeline.run(plan, events.append)
    source, result = probe(clip), probe(film.path)
    assert result.frame_count == film.frames == FRAMES
    assert result.rate == source.rate == Fraction(30000, 1001)
    assert (result.width, result.height) == (98, 70)
    assert [result.seconds_of(i) for i in range(FRAMES)] == [source.seconds_of(i) for i in range(FRAMES)]
    for name in ("style", "cel", "steady", "finish", "encode"):
        assert [e.index for e in events if isinstance(e, FrameDone) and e.name == name] == list(range(FRAMES))
    drawn, plates = decoded(film.path), decoded(clip)
    assert np.abs(np.stack(drawn) - np.stack(plates)).mean() > 0.02  # it was drawn, not copied
    assert not plan.run_dir.exists()  # nothing is left but the film


def test_passes_side_by_side_make_what_they_make_in_turn(planned) -> None:
    """Every kept frame, and the film, to the byte: with shared plates, and pictures that stay in memory."""
    in_turn, at_once = planned("turn.mp4", cadence="twos"), planned("once.mp4", cadence="twos")
    for name in in_turn.pass_names:
        pipeline.run_pass(in_turn, name, lambda event: None, lambda: False)
    pipeline.write_films(in_turn, lambda event: None, False, lambda: False)
    pipeline.run(at_once, keep=True)
    kept = [
        {file.relative_to(job.run_dir): file.read_bytes() for file in job.run_dir.rglob("[0-9]*.png")}
        for job in (in_turn, at_once)
    ]
    assert kept[0] == kept[1] != {}
    assert in_turn.film.path.read_bytes() == at_once.film.path.read_bytes()


def packets(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(container.streams.audio[0]) if packet.size]


def test_the_sound_is_the_source_s_own(planned, clip: Path) -> None:
    film = pipeline.run(planned())
    assert packets(film.path) == packets(clip)
    silent = pipeline.run(planned("silent.mp4", audio=False))
    assert probe(silent.path).audio == ()


def test_a_stopped_run_goes_on_and_ends_in_the_same_film(planned) -> None:
    whole = pipeline.run(planned("whole.mp4"))
    seen: list[Event] = []
    plan = planned("resumed.mp4")
    with pytest.raises(Interrupted):
        pipeline.run(plan, seen.append, stop=lambda: sum(isinstance(e, FrameDone) for e in seen) == 20)
    assert not plan.film.path.exists()
    done = {(e.name, e.index) for e in seen if isinstance(e, FrameDone)}
    again: list[Event] = []
    resumed = pipeline.run(planned("resumed.mp4"), again.append)
    redone = {(e.name, e.index) for e in again if isinstance(e, FrameDone)}
    assert not {pair for pair in done & redone if pair[0] != "encode"}  # only what was missing is made
    for a, b in zip(decoded(whole.path), decoded(resumed.path), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_hole_in_the_store_is_mended_alone(planned) -> None:
    plan = planned()
    pipeline.run(plan, keep=True)
    before = {p.name: p.read_bytes() for p in plan.segments[0].store("steady").folder.iterdir()}
    for name in ("style", "steady"):
        plan.segments[0].store(name).path(7).unlink()
    torn = plan.segments[0].store("steady").path(3)
    torn.write_bytes(torn.read_bytes()[:200])
    events: list[Event] = []
    pipeline.run(planned(), events.append, overwrite=True, keep=True)
    made = [(e.name, e.index) for e in events if isinstance(e, FrameDone) and e.name != "encode"]
    assert sorted(made) == [("steady", 3), ("steady", 7), ("style", 7)]
    assert {p.name: p.read_bytes() for p in plan.segments[0].store("steady").folder.iterdir()} == before


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs POSIX signals")
@pytest.mark.parametrize("spoiled", ["style", "finish"])
def test_a_damaged_frame_is_made_again_in_the_same_run(planned, spoiled: str) -> None:
    """A bit that flipped in a kept frame, and a black frame in another's place: the film is the same."""
    first, events = planned("first.mp4"), []
    pipeline.run(first, keep=True)
    second = planned("second.mp4")
    pipeline.run(second, keep=True)
    second.film.path.unlink()
    (segment,) = second.segments
    store = segment.store(spoiled)
    coded = bytearray(store.path(4).read_bytes())
    coded[len(coded) // 2] ^= 4
    store.path(4).write_bytes(coded)
    black = store.read(7) * 0
    store.path(8).write_bytes(encode_frame(black, store.depth))
    for step in segment.passes[segment.passes.index(segment.giver(spoiled)) + 1 :]:
        for each in segment.stores(step):
            each.forget(4)
            each.forget(8)
    pipeline.run(second, listener=events.append)
    assert second.film.path.read_bytes() == first.film.path.read_bytes()
    assert any("is made again" in event.text for event in events if isinstance(event, Note))


def test_two_runs_do_not_work_in_one_folder(planned) -> None:
    job = planned()
    with run_lock(job.run_dir), pytest.raises(UsageError, match=rf"process {os.getpid()} on"):
        pipeline.run(job)
    assert not job.run_dir.exists()
    (job.run_dir).mkdir()
    (job.run_dir / "lock").write_text("process 1 on a machine that died")  # nobody holds it
    pipeline.run(job)
    assert job.film.path.exists()
    assert not job.run_dir.exists()


def test_a_killed_run_goes_on(planned, clip: Path, model: Path, tmp_path: Path) -> None:
    whole = pipeline.run(planned("whole.mp4"))
    command = [sys.executable, "-m", "stylize.cli", "run", str(clip), "-o", str(tmp_path / "killed.mp4")]
    command += [
        "--model",
        str(model),
        "--steps",
        "2",
        "--size",
        "64",
        "--precision",
        "fp32",
        "--device",
        "cpu",
    ]
    command += ["--shots", str(tmp_path / "shots.csv"), "--no-progress"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    plan = planned("killed.mp4")
    deadline = time.monotonic() + 120
    while not plan.segments[0].store("style").has(4):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    kept = {p.name: p.stat().st_mtime_ns for p in plan.segments[0].store("style").folder.glob("[0-9]*.png")}
    assert len(kept) >= 5
    assert not plan.film.path.exists()
    subprocess.run(command, check=True, capture_output=True)
    for a, b in zip(decoded(whole.path), decoded(plan.film.path), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_setting_redraws_what_hangs_on_it_and_nothing_else(planned) -> None:
    base = planned().segments[0].fingerprints
    steadier = planned(deflicker=0.5).segments[0].fingerprints
    assert steadier["style"] == base["style"]
    assert steadier["steady"] != base["steady"]
    assert steadier["finish"] != base["finish"]
    reseeded = planned(seed=1).segments[0].fingerprints
    assert all(reseeded[name] != base[name] for name in base)
    elsewhere = planned("another-name.mp4").segments[0].fingerprints
    assert elsewhere == base


def test_what_lies_behind_a_cut_changes_nothing(planned, clip: Path, tmp_path: Path) -> None:
    """The second shot drawn alone is the second shot drawn with the first, to the bit."""
    whole, alone = planned("whole.mp4"), planned("alone.mp4", start=f"{CUT}f")
    assert alone.shots == (whole.shots[1],)
    pipeline.run(whole, keep=True)
    pipeline.run(alone, keep=True)
    for index in range(CUT, FRAMES):
        for name in ("style", "cel", "steady", "finish"):
            np.testing.assert_array_equal(
                whole.segments[0].store(name).read(index), alone.segments[0].store(name).read(index)
            )


@pytest.mark.parametrize("batch", [3, 4])
def test_batches_meet_the_same_frames_when_resumed(planned, batch: int) -> None:
    plan = planned(batch=batch)
    pipeline.run(plan, keep=True)
    before = plan.segments[0].store("style").path(8).read_bytes()
    plan.segments[0].store("style").path(8).unlink()
    pipeline.run(planned(batch=batch), overwrite=True, keep=True)
    assert plan.segments[0].store("style").path(8).read_bytes() == before


def test_steady_can_be_left_out(planned) -> None:
    plan = planned(deflicker=0.0)
    assert [step.name for step in plan.segments[0].passes] == ["style", "repair", "cel", "finish"]
    assert pipeline.run(plan).frames == FRAMES


def test_a_preview_is_one_frame_beside_its_source(planned, tmp_path: Path) -> None:
    import cv2

    plan = planned()
    picture = cv2.imread(str(pipeline.preview(plan, 9, tmp_path / "preview.png")))
    assert picture is not None
    assert picture.shape == (70, 196, 3)
    plate = next(read_frames(plan.clip, 9, 10)).pixels
    left = picture[:, :98, ::-1].astype(np.float32) / 255
    assert np.abs(left - plate).max() < 1 / 255
    assert not plan.run_dir.exists()


def test_a_full_disk_says_so_and_keeps_what_is_done(planned, monkeypatch: pytest.MonkeyPatch) -> None:
    import errno

    plan = planned()
    real, written = os.fsync, []

    def full(descriptor: int) -> None:
        written.append(descriptor)
        if len(written) > 7:  # the consent to write the film, the run's record, and five frames
            raise OSError(errno.ENOSPC, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match="disk is full"):
        pipeline.run(plan)
    monkeypatch.undo()
    assert not plan.film.path.exists()
    assert len(plan.segments[0].store("style").missing(range(FRAMES))) == FRAMES - 5
    assert not list(plan.run_dir.rglob("*.tmp"))
    assert pipeline.run(planned()).frames == FRAMES


def test_an_image_sequence_is_a_clip_too(planned, clip: Path, tmp_path: Path) -> None:
    import cv2

    for index, pixels in enumerate(decoded(clip)):
        stored = (pixels[..., ::-1] * 255).round().astype(np.uint8)
        cv2.imwrite(str(tmp_path / f"plate.{1001 + index}.png"), stored)
    plan = planned("out.%04d.png", source=tmp_path / "plate.####.png", rate="25", audio=False)
    pipeline.run(plan)
    assert sorted(p.name for p in tmp_path.glob("out.*.png")) == [
        f"out.{1001 + i}.png" for i in range(FRAMES)
    ]
