"""From a green-screen plate to a comp: the passes, the plan, the commands, and what cannot be meant."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks.camera import slip
from compositing.camera.formats import read_camera, write_camera
from compositing.camera.record import still_camera
from compositing.colour import linear_from_srgb, srgb_from_linear
from examples.greenscreen.film import Shot
from examples.greenscreen.stage import mark_places
from stylize import pipeline
from stylize.comp.resolve import describe
from stylize.comp.scene import read_scene
from stylize.config.read_settings import read_settings
from stylize.edge.live.enlarger import bundled_enlarger
from stylize.errors import FootageError, StylizeError, UsageError
from stylize.events import Event, FrameDone, silent
from stylize.farm.bundle import asset_references
from stylize.footage import probe, read_frames
from stylize.footage.exr import read_alpha, read_exr
from stylize.jobs.job import RenderJob
from stylize.jobs.manifest import load_job
from stylize.jobs.plan_run import plan_run
from tests.cli.conftest import Typed, typed
from tests.narrow import write_narrow_checkpoint

ROOT = Path(__file__).resolve().parents[2]
PLATE = ROOT / "examples" / "greenscreen.mp4"
SKY = (0.2, 0.35, 0.9)

__all__ = ["typed"]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_narrow_checkpoint(tmp_path_factory.mktemp("narrow"))


@pytest.fixture
def scene(tmp_path: Path):
    """scene(text): a scene file beside a still, a panorama-to-be and an empty set."""
    picture = np.full((90, 160, 3), tuple(255 * each for each in SKY[::-1]), np.uint8)
    cv2.imwrite(str(tmp_path / "sky.png"), picture)
    (tmp_path / "broken.glb").write_bytes(b"glTF")

    def write(text: str = "") -> Path:
        file = tmp_path / "scene.toml"
        file.write_text(
            text
            or '[backdrop]\nkind = "still"\nfile = "sky.png"\ndraw = false\n[camera]\nsource = "locked"\n'
        )
        return file

    return write


def planned(scene_file: Path, model: Path, out: Path, **settings: object) -> RenderJob:
    quick = {
        "model": str(model),
        "steps": 1,
        "size": 64,
        "precision": "fp32",
        "device": "cpu",
        "start": "20f",
        "end": "22f",
        "deflicker": 0.0,
        "comp": scene_file,
    }
    return plan_run(PLATE, out, read_settings(**(quick | settings)))


def test_a_plate_becomes_a_comp(scene, model: Path, tmp_path: Path) -> None:
    file = scene(
        '[backdrop]\nkind = "still"\nfile = "sky.png"\n[camera]\nsource = "locked"\n[merge]\ngrain = 0.0\n'
    )
    plan = planned(file, model, tmp_path / "film.mp4")
    assert describe(plan.segments[0].scene) == [
        "shot 1: the camera is locked; backdrop drawn once for 2 frames"
    ]
    events: list[Event] = []
    pipeline.run(plan, events.append)
    made = {}
    for event in events:
        if isinstance(event, FrameDone):
            made.setdefault(event.name, []).append(event.index)
    assert made["backdrop"] == [20]
    assert made["key"] == made["style"] == made["comp"] == [20, 21]
    pictures = [frame.pixels for frame in read_frames(probe(plan.film.path))]
    assert len(pictures) == 2
    for (
        picture
    ) in pictures:  # above her head and beside her is the backdrop, as the model drew it, and no mark
        beside = np.concatenate([picture[:90].reshape(-1, 3), picture[:, 480:].reshape(-1, 3)])
        assert np.abs(beside - np.median(beside, axis=0)).mean() < 0.12
    assert not plan.run_dir.exists()


FLAT = '[backdrop]\ncolour = [0.2, 0.35, 0.9]\n[camera]\nsource = "locked"\n'


def test_the_foreground_over_the_backdrop_is_the_film(scene, model: Path, tmp_path: Path) -> None:
    """Premultiplied light in EXR, straight codes in PNG, on ones and twos: merged by hand, each gives the comp."""
    plain = "[merge]\nwrap = 0\ngrade = 0\nshadow = 0\n"
    asked = {"cadence": "twos", "end": "24f"}
    for name in ("fg.%06d.exr", "fg.%06d.png"):
        file = scene(FLAT + plain)
        plan = planned(file, model, tmp_path / "film.png", foreground=tmp_path / name, **asked)
        pipeline.run(plan, overwrite=True, keep=True)
    again = load_job(plan.run_dir)  # as a worker of a farm takes it up: what is missing is written anew
    assert again.foreground == plan.foreground
    written = tmp_path / "fg.000020.png"
    before = written.read_bytes()
    written.unlink()
    pipeline.finish(again, silent, lambda: False)
    assert written.read_bytes() == before
    sky = linear_from_srgb(np.array(SKY, np.float32))
    for number in (20, 23):
        film = stored(tmp_path / f"film.{number:06d}.png")
        alpha = read_alpha(tmp_path / f"fg.{number:06d}.exr")[..., None]
        assert 0.05 < alpha.mean() < 0.4
        light = read_exr(tmp_path / f"fg.{number:06d}.exr")
        np.testing.assert_allclose(srgb_from_linear(light + (1 - alpha) * sky), film, atol=0.012)
        straight = stored(tmp_path / f"fg.{number:06d}.png")
        np.testing.assert_allclose(straight[..., 3:], alpha, atol=1e-3)
        light = linear_from_srgb(straight[..., :3]) * straight[..., 3:]
        merged = srgb_from_linear(light + (1 - straight[..., 3:]) * sky)
        np.testing.assert_allclose(merged, film, atol=0.012)


def test_a_farm_is_told_of_every_file_that_a_comp_reads_and_writes(
    scene, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(bundled_enlarger(), tmp_path / "twice")
    (tmp_path / "annotators").mkdir()
    job = planned(
        *(scene(), model, tmp_path / "film.mp4"),
        foreground=tmp_path / "cut" / "fg.mov",
        enlarge="twice",
        annotators=Path("annotators"),
    )
    told = asset_references(job)
    files = [PLATE, tmp_path / "scene.toml", tmp_path / "sky.png"]
    assert told["inputs"]["filenames"] == sorted(map(str, files))
    assert {str(tmp_path / "twice"), str(tmp_path / "annotators")} <= set(told["inputs"]["directories"])
    assert {str(tmp_path), str(tmp_path / "cut")} <= set(told["outputs"]["directories"])


def test_the_command_writes_the_foreground_and_says_its_alpha(scene, model: Path, typed: Typed) -> None:
    import av

    words = ("run", PLATE, "--comp", scene(FLAT), "--model", model, "--size", 64, "--steps", 1)
    part = ("--start", "20f", "--end", "22f", "--steady", 0, "--no-progress", "-o", "f.mp4")
    said = typed(*words, *part, "--foreground", "fg.mov", "--alpha", "premultiplied")
    assert said.code == 0, said.err
    assert "fg.mov: the drawn subject, premultiplied alpha" in said.out
    with av.open("fg.mov") as film:
        pictures = list(film.decode(video=0))
    assert [each.format.name[:8] for each in pictures] == ["yuva444p"] * 2
    wrong = typed(*words, *part, "-y", "--foreground", "fg.mp4")
    assert (wrong.code, "ProRes 4444" in wrong.err) == (2, True)
    again = typed(*words, *part, "-y", "--foreground", "f.mp4")
    assert (again.code, "Two outputs have the same name" in again.err) == (2, True)
    bare = typed("run", PLATE, "--foreground", "fg.png", "-o", "g.mp4", "--dry-run")
    assert (bare.code, "--comp" in bare.err) == (2, True)


def stored(path: Path) -> np.ndarray:
    """A PNG's values in [0, 1], its channels in the order R, G, B, A."""
    codes = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    order = [2, 1, 0, 3][: codes.shape[2]]
    return codes[..., order].astype(np.float32) / np.iinfo(codes.dtype).max


def test_a_stopped_comp_goes_on_and_the_key_is_not_done_again(scene, model: Path, tmp_path: Path) -> None:
    pipeline.run(planned(scene(), model, tmp_path / "film.mp4"), keep=True)
    text = scene().read_text() + "[merge]\nwrap = 0.5\n"
    again: list[Event] = []
    pipeline.run(planned(scene(text), model, tmp_path / "film.mp4"), again.append, overwrite=True)
    assert {event.name for event in again if isinstance(event, FrameDone)} == {"comp", "encode"}


def test_without_drawing_the_backdrop_is_seen_as_it_is(scene, typed: Typed) -> None:
    said = typed("comp", PLATE, scene(), "-o", "out.mp4", "--start", "20f", "--end", "22f", "--no-progress")
    assert said.code == 0, said.err
    pictures = [frame.pixels for frame in read_frames(probe(Path("out.mp4")))]
    assert len(pictures) == 2
    assert sorted(path.name for path in Path().iterdir() if "out" in path.name) == [
        "out.mp4",
        "out.mp4.report.html",
    ]
    np.testing.assert_allclose(np.median(pictures[0][:60], axis=(0, 1)), SKY, atol=0.05)
    truth, _ = Shot().render_truth(20)
    body = cv2.erode(truth, np.ones((7, 7), np.uint8)) > 0.99
    plate = next(read_frames(probe(PLATE), 20, 21)).pixels
    assert np.abs(pictures[0][body] - plate[body]).mean() < 0.06


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (("plate.mp4",), "plate.comp.mp4"),
        (("plate.mp4", "--format", "prores"), "plate.comp.mov"),
        (("shot.%06d.png",), "shot.comp.mp4"),
        (("shot.%06d.png", "--format", "exr"), "shot.comp.%06d.exr"),
    ],
)
def test_a_comp_s_name_fits_its_format(
    scene, typed: Typed, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], name: str
) -> None:
    asked: list[Path] = []

    def plan(plate: Path, scene_file: Path, film: Path, *settings: object, **more: object) -> RenderJob:
        asked.append(film)
        raise UsageError("Planned.")

    monkeypatch.setattr("stylize.jobs.plan_comp.plan_comp", plan)
    typed("comp", words[0], scene(), *words[1:])
    assert asked == [Path(name)]
    assert "is a folder" in typed("comp", words[0], scene(), "-o", ".").err


def test_the_camera_of_the_sample_is_solved(typed: Typed) -> None:
    """Half of the pan, the actor masked by the screen's colour: lens and path are the truth's."""
    said = typed("camera", PLATE, "-o", "c.json", "--end", "24f", "--json")
    assert said.code == 0, said.err
    report = said.lines[-1]["report"]
    assert report["kind"] == "rotation"
    assert report["mean_px"] < 0.5
    assert report["focal_mm"] == pytest.approx(28.0, rel=0.05)
    solved, truth = read_camera(Path("c.json")), Shot().camera().part(0, 24)
    assert slip(solved, truth, mark_places()).max() < 1.5


def test_camera_files_are_converted(typed: Typed, tmp_path: Path) -> None:
    write_camera(still_camera((320, 180), 5), tmp_path / "c.json")
    said = typed("camera", tmp_path / "c.json", "-o", "c.usda")
    assert said.code == 0, said.err
    assert "5 frames, locked, 35 mm" in said.out
    assert len(read_camera(Path("c.usda"))) == 5


@pytest.mark.parametrize(
    "words",
    [
        ("--start", "1f"),
        ("--end", "2f"),
        ("--kind", "locked"),
        ("--focal", "35"),
        ("--distance", "4"),
        ("--screen", "auto"),
    ],
)
def test_what_is_for_the_solve_is_refused_where_a_file_is_converted(
    typed: Typed, tmp_path: Path, words: tuple[str, str]
) -> None:
    write_camera(still_camera((320, 180), 5), tmp_path / "c.json")
    said = typed("camera", tmp_path / "c.json", *words, "-o", "c.usda")
    assert (said.code, f"{words[0]} is for a plate" in said.err) == (2, True)
    assert not Path("c.usda").exists()


def test_a_camera_file_s_name_is_checked_before_the_solve(
    typed: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stylize.comp.cameras.solve_shot", lambda *asked: pytest.fail("solved"))
    said = typed("camera", PLATE, "-o", "c.fbx")
    assert (said.code, "not named .fbx" in said.err) == (2, True)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[merge]\nreach_px = 1000\n", "less than or equal to 50"),
        ("[merge]\nwrap_px = 1e6\n", "less than or equal to 2000"),
        ("[merge]\nshadow_px = 1e6\n", "less than or equal to 2000"),
        ('[backdrop]\nkind = "panorama"\nfile = "sky.png"\n', "twice as wide"),
        ('[backdrop]\nkind = "gltf"\nfile = "broken.glb"\n', "cut off"),
        ('[backdrop]\nkind = "still"\nfile = "gone.png"\n', "no such picture"),
        ('[backdrop]\nkind = "still"\n', "needs its file"),
        ('[backdrop]\nkind = "still"\nfile = "sky.png"\n[merge]\nwarp = 1\n', "merge.warp"),
        ('[backdrop]\nkind = "still"\nfile = "sky.png"\n[[camera.move]]\nkind = "crane"\n', "dolly, pan"),
        ('[backdrop]\nkind = "still"\nfile = "sky.png"\n[[overlay]]\nkind = "snow"\n', "glow, rays"),
        ("[backdrop\n", "not TOML"),
    ],
)
def test_scenes_that_cannot_be_meant_say_why(
    text: str, says: str, scene, model: Path, tmp_path: Path
) -> None:
    if "[camera" not in text and "backdrop]" in text:
        text += '[camera]\nsource = "locked"\n'
    with pytest.raises(StylizeError) as caught:
        planned(scene(text), model, tmp_path / "film.mp4")
    assert says in caught.value.what


def test_a_camera_file_must_be_as_long_as_the_shot_and_in_metres(scene, model: Path, tmp_path: Path) -> None:
    text = scene().read_text().replace('source = "locked"', 'source = "file"\nfile = "c.chan"')
    (tmp_path / "c.chan").write_text("".join(f"{k} 0 0 0 0 0 0 30\n" for k in range(1)))
    with pytest.raises(FootageError, match="1 frames, the shot 2"):
        planned(scene(text), model, tmp_path / "film.mp4")
    (tmp_path / "c.chan").write_text("".join(f"{k} {40 * k} 0 0 0 0 0 30\n" for k in range(3)))
    with pytest.raises(FootageError, match="960 m/s") as caught:
        planned(scene(text), model, tmp_path / "film.mp4")
    assert "cm" in (caught.value.hint or "")


def test_a_screen_that_is_not_there(scene, model: Path, tmp_path: Path) -> None:
    text = scene().read_text() + '[key]\nscreen = "blue"\n'
    with pytest.raises(StylizeError, match="screen"):
        pipeline.run(planned(scene(text), model, tmp_path / "film.mp4"))


def test_the_example_is_read_and_its_set_lies_beside_it() -> None:
    example = read_scene(ROOT / "examples" / "greenscreen.toml")
    assert example.path(str(example.backdrop.file)).is_file()
    assert len(example.overlay) == 2


def test_a_dry_run_tells_of_the_camera_and_the_pictures(scene, typed: Typed) -> None:
    said = typed(
        "run",
        PLATE,
        "--comp",
        scene(),
        "--start",
        "20f",
        "--end",
        "23f",
        "--dry-run",
        "--json",
        "-o",
        "x.mp4",
    )
    assert said.code == 0, said.err
    plan = said.lines[0]
    assert plan["segments"][0]["scene"] == ["shot 1: the camera is locked; backdrop drawn once for 3 frames"]
    assert json.dumps([each["frames"] for each in plan["passes"] if each["name"] == "backdrop"]) == "[1]"


def test_a_missing_scene_file(model: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        planned(tmp_path / "gone.toml", model, tmp_path / "film.mp4")


def test_a_preview_shows_the_whole_comp(scene, model: Path, tmp_path: Path) -> None:
    plan = planned(scene(), model, tmp_path / "film.mp4")
    pair = cv2.imread(str(pipeline.preview(plan, 20, tmp_path / "pair.png")))[..., ::-1] / 255
    assert not plan.film.path.exists()
    right = pair[:, pair.shape[1] // 2 :]
    np.testing.assert_allclose(np.median(right[:60], axis=(0, 1)), SKY, atol=0.06)


def test_a_held_drawing_goes_with_the_camera(scene, tmp_path: Path) -> None:
    """The set's point behind the subject's middle stays behind it while its drawing is held over a pan."""
    from compositing.backdrop import choose_key_views
    from stylize.comp.backdrops import build_backdrop
    from stylize.comp.resolve import ResolvedScene, SceneShot
    from stylize.footage import Shot as Frames
    from stylize.footage.cadence import expose
    from stylize.passes import CompPass, FrameSet
    from tests.compositing.studio import path

    said = read_scene(scene(scene().read_text() + "[merge]\nshadow = 0\nwrap = 0\ngrade = 0\n"))
    shot, camera = Frames(0, 4), path("rotation", frames=4, size=(160, 90))
    backdrop = build_backdrop(said, camera)
    scene_shot = SceneShot(shot, camera, None, tuple(choose_key_views(backdrop, camera)), backdrop)
    drawn, matte = np.full((90, 160, 3), 0.62, np.float32), np.zeros((90, 160, 3), np.float32)
    drawn[40:50, 70:80], matte[40:50, 70:80], matte[..., 2] = (0.9, 0.1, 0.1), 1, 1

    class Given:
        """One drawing for all four frames, and grey pictures of the backdrop."""

        def frames(self, name: str, numbers, size=None):
            for number in numbers:
                key = next((key for key in scene_shot.keys if key.frame == number), None)
                grey = np.full((*key.view.size[::-1], 3), 0.5, np.float32) if key else None
                yield {"finish": drawn, "matte": matte, "backdrop": grey}[name]

    held = FrameSet.of_drawings(expose([shot], [4], range(4)))
    step = CompPass(
        ResolvedScene(said, (scene_shot,), ""), (160, 90), FrameSet(range(4)), held, before="finish"
    )
    seen = {}
    for number, (picture,) in step.render(range(4), range(4), Given()):
        red = (picture[..., 0] > 0.8) & (picture[..., 1] < 0.4)
        seen[number] = np.argwhere(red).mean(axis=0)[::-1]
    ray = camera.view(0).rays(seen[0][None]) * 1e6
    np.testing.assert_allclose(camera.view(3).project(ray)[0][0], seen[3], atol=0.6)
