"""What a scene adds to a run: each shot's camera and backdrop, and the few pictures of it that are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from compositing.backdrop import Backdrop, KeyView, choose_key_views
from compositing.camera import Camera, SolveReport
from compositing.camera.formats.record import as_record
from stylize.comp.backdrops import backdrop_files, build_backdrop
from stylize.comp.cameras import shot_camera
from stylize.comp.errors import compositing_errors
from stylize.comp.scene import Scene, read_scene
from stylize.errors import FootageError
from stylize.footage.clip import Clip, Shot
from stylize.storage.fingerprint import fingerprint, fingerprint_file
from stylize.storage.place import Place

PASSES = ("matte", "backdrop", "comp")


@dataclass(frozen=True)
class Take:
    """One shot of a comp: its camera (and how well it was solved), and the backdrop's pictures that are drawn.

    A key's frame counts from the shot's start. A film plate has no keys: it is drawn frame by frame.
    """

    shot: Shot
    camera: Camera
    report: SolveReport | None
    keys: tuple[KeyView, ...]
    backdrop: Backdrop

    @property
    def drawn(self) -> list[int]:
        """The numbers in the clip under which the backdrop's pictures are kept."""
        if self.backdrop.moves:
            return list(range(self.shot.start, self.shot.end))
        return [self.shot.start + key.frame for key in self.keys]


@dataclass(frozen=True)
class CompPlan:
    """A scene, decided for the shots of a run."""

    scene: Scene
    takes: tuple[Take, ...]
    files: str

    @cached_property
    def drawn(self) -> tuple[int, ...]:
        """The frames under which the backdrop's pictures are kept, of all shots."""
        return tuple(number for take in self.takes for number in take.drawn)

    def take_of(self, index: int) -> Take:
        """The take that a frame of the clip belongs to."""
        return next(take for take in self.takes if index in take.shot)

    def pictures(self, size: tuple[int, int]) -> float:
        """How many frames of the film the backdrop's drawings are worth, by their area."""
        if not self.scene.backdrop.is_drawn:
            return 0.0
        drawn = [key.view.size for take in self.takes for key in take.keys]
        drawn += [size for take in self.takes if take.backdrop.moves for _ in take.drawn]
        return sum(width * height for width, height in drawn) / (size[0] * size[1])

    def facts(self) -> dict[str, Any]:
        """What each pass of a comp hangs on, as JSON can say it."""
        scene = self.scene.model_dump(mode="json")
        cameras = [as_record(take.camera) for take in self.takes]
        keys = [[key.frame, *key.view.size] for take in self.takes for key in take.keys]
        backdrop = {"files": self.files, **scene["backdrop"]}
        return {
            "matte": scene["key"],
            "backdrop": [backdrop, keys, fingerprint(cameras)],
            "comp": [backdrop, scene["optics"], scene["merge"], scene["overlay"], fingerprint(cameras)],
        }


def plan_comp(file: Path, clip: Clip, shots: Sequence[Shot], source: str, run_dir: Place) -> CompPlan:
    """Decides a scene for the shots of a clip; solves their cameras where the scene asks for it.

    Args:
        file: the scene file.
        clip, shots: the plate and its shots.
        source: stands for the plate's contents.
        run_dir: where solved cameras are kept.

    Raises:
        StylizeError: what cannot be meant, read, found or solved.
    """
    scene = read_scene(file)
    takes = tuple(_take(scene, clip, shot, source, run_dir) for shot in shots)
    files = fingerprint([fingerprint_file(path) for path in backdrop_files(scene)])
    return CompPlan(scene, takes, files)


def _take(scene: Scene, clip: Clip, shot: Shot, source: str, run_dir: Place) -> Take:
    found = shot_camera(scene, clip, shot, source, camera_cache(run_dir))
    backdrop = build_backdrop(scene, found.camera)
    if backdrop.moves and not scene.backdrop.is_drawn:
        return Take(shot, found.camera, found.report, (), backdrop)
    with compositing_errors(clip.path):
        keys = () if backdrop.moves else tuple(choose_key_views(backdrop, found.camera))
    if not keys and not backdrop.moves:
        raise FootageError("The camera never sees the backdrop.", where=scene.backdrop.file)
    return Take(shot, found.camera, found.report, keys, backdrop)


def camera_cache(run_dir: Place) -> Place:
    return run_dir / "camera"


def describe(plan: CompPlan) -> list[str]:
    """A line for each shot: its camera, how well that was solved, and how often the backdrop is drawn."""
    from compositing.backdrop import kind_of

    names = {"locked": "locked", "rotation": "turns", "translating": "moves"}
    lines = []
    for number, take in enumerate(plan.takes, start=1):
        kind = take.report.kind if take.report else kind_of(take.camera)
        text = f"shot {number}: the camera {'is locked' if kind == 'locked' else names[kind]}"
        if take.report is not None:
            text += f" (solved to {take.report.mean_px:.2f} px, {take.report.focal_mm:.1f} mm)"
        text += f"; backdrop drawn {times(len(take.drawn))} for {len(take.shot)} frames"
        lines.append(text)
    return lines


def times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


__all__ = ["PASSES", "CompPlan", "Take", "camera_cache", "describe", "plan_comp"]
