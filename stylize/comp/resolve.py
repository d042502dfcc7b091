"""A scene file resolved for the shots of a plate: each shot's camera and backdrop, and which pictures are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from compositing.backdrop import Backdrop, KeyView, choose_key_views
from compositing.camera import Camera, SolveReport
from compositing.camera.formats.record import as_record
from stylize.comp.backdrops import backdrop_files, build_backdrop
from stylize.comp.cameras import shot_camera
from stylize.comp.errors import compositing_errors
from stylize.comp.mattes.given import matte_files
from stylize.comp.scene import Scene, read_scene
from stylize.errors import FootageError
from stylize.footage.clip import Clip, Shot
from stylize.storage.digests import digest_of, remembered_files
from stylize.storage.fingerprint import fingerprint, fingerprint_file
from stylize.storage.place import Place

CAMERAS = "camera"
"""The folder in a run's in which solved cameras are kept."""


@dataclass(frozen=True)
class SceneShot:
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
class ResolvedScene:
    """A scene with its cameras solved and its files read, for the shots of a plate.

    `files` stands for the contents of the backdrop's files.
    """

    scene: Scene
    shots: tuple[SceneShot, ...]
    files: str

    @cached_property
    def drawn(self) -> tuple[int, ...]:
        """The frames under which the backdrop's pictures are kept, of all shots."""
        return tuple(number for each in self.shots for number in each.drawn)

    def shot_at(self, index: int) -> SceneShot:
        """The shot that a frame of the clip belongs to."""
        return next(each for each in self.shots if index in each.shot)

    def pictures(self, size: tuple[int, int]) -> float:
        """How many frames of the film the backdrop's drawings are worth, by their area."""
        if not self.scene.backdrop.is_drawn:
            return 0.0
        drawn = [key.view.size for each in self.shots for key in each.keys]
        drawn += [size for each in self.shots if each.backdrop.moves for _ in each.drawn]
        return sum(width * height for width, height in drawn) / (size[0] * size[1])

    def key_settings(self, clip: Clip) -> object:
        """What a key of a clip depends on, as JSON can hold it: the painted guides, given mattes and a network of
        one's own by their contents.

        Raises:
            StylizeError: there are no mattes, or too few for the clip.
        """
        table = self.scene.key
        files = [self.scene.path(word) for word in (*table.core, *table.garbage, *table.holdout)]
        contents = [fingerprint_file(file) for file in files if file.is_file()]
        return [table.model_dump(mode="json"), [*contents, *self._matte_contents(clip)]]

    def _matte_contents(self, clip: Clip) -> list[str]:
        kind, _, model = self.scene.key.matte.partition(":")
        if kind == "rembg":
            own = Path(model)
            return [digest_of(own)[:16]] if own.is_file() else []
        if kind == "screen":
            return []
        return [remembered_files(matte_files(self.scene.path(self.scene.key.matte), clip))]

    @property
    def backdrop_settings(self) -> object:
        """What the backdrop's pictures depend on."""
        keys = [[key.frame, *key.view.size] for each in self.shots for key in each.keys]
        return [self._backdrop, keys, self._cameras]

    @property
    def comp_settings(self) -> object:
        """What the merge depends on, besides the pictures that are merged."""
        scene = self.scene.model_dump(mode="json")
        return [self._backdrop, scene["optics"], scene["merge"], scene["overlay"], self._cameras]

    @property
    def _backdrop(self) -> object:
        return {"files": self.files, **self.scene.backdrop.model_dump(mode="json")}

    @property
    def _cameras(self) -> str:
        return fingerprint([as_record(each.camera) for each in self.shots])


def resolve_scene(
    file: Path, clip: Clip, shots: Sequence[Shot], source: str, run_dir: Place, *, draw: bool = True
) -> ResolvedScene:
    """Reads a scene file for the shots of a clip; solves their cameras where the scene asks for it.

    Args:
        file: the scene file.
        clip, shots: the plate and its shots.
        source: stands for the plate's contents.
        run_dir: where solved cameras are kept.
        draw: the backdrop will be drawn; without, no pictures of it are chosen.

    Raises:
        StylizeError: what cannot be meant, read, found or solved.
    """
    scene = read_scene(file)
    resolved = tuple(_resolve_shot(scene, clip, shot, source, run_dir, draw) for shot in shots)
    files = fingerprint([fingerprint_file(path) for path in backdrop_files(scene)])
    return ResolvedScene(scene, resolved, files)


def _resolve_shot(scene: Scene, clip: Clip, shot: Shot, source: str, run_dir: Place, draw: bool) -> SceneShot:
    found = shot_camera(scene, clip, shot, source, run_dir / CAMERAS)
    backdrop = build_backdrop(scene, found.camera)
    if not draw or (backdrop.moves and not scene.backdrop.is_drawn):
        return SceneShot(shot, found.camera, found.report, (), backdrop)
    with compositing_errors(clip.path):
        keys = () if backdrop.moves else tuple(choose_key_views(backdrop, found.camera))
    if not keys and not backdrop.moves:
        raise FootageError("The camera never sees the backdrop.", where=scene.backdrop.file)
    return SceneShot(shot, found.camera, found.report, keys, backdrop)


def describe(scene: ResolvedScene) -> list[str]:
    """A line for each shot: its camera, how well that was solved, and how often the backdrop is drawn."""
    from compositing.backdrop import kind_of

    names = {"locked": "locked", "rotation": "turns", "translating": "moves"}
    lines = []
    for number, each in enumerate(scene.shots, start=1):
        kind = each.report.kind if each.report else kind_of(each.camera)
        text = f"shot {number}: the camera {'is locked' if kind == 'locked' else names[kind]}"
        if each.report is not None:
            text += f" (solved to {each.report.mean_px:.2f} px, {each.report.focal_mm:.1f} mm)"
        text += f"; backdrop drawn {times(len(each.drawn))} for {len(each.shot)} frames"
        lines.append(text)
    return lines


def times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


__all__ = ["CAMERAS", "ResolvedScene", "SceneShot", "describe", "resolve_scene"]
