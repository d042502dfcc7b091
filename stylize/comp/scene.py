"""A scene file: the key, the camera, the backdrop, the merge and the overlays of a shot, as TOML."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, model_validator

from stylize.comp.errors import compositing_errors
from stylize.config.explain import explain
from stylize.config.old_names import with_new_names
from stylize.errors import UsageError
from stylize.system.documents import DocumentError, read_toml

Vector = tuple[float, float, float]
WIDEST_PX = 2000.0
"""Of a light wrap or a shadow, at a height of 1080: wider than the picture."""
OLD_KEY_NAMES = {"steady": "edge_smoothing"}
"""Former names of settings of the table [key], and their names now."""


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class KeyTable(_Table):
    """Where the matte comes from, as in `stylize key`."""

    matte: str = Field(
        "screen", description="where it comes from: screen, rembg, rembg:MODEL, or a folder of mattes"
    )
    screen: str = Field("auto", description="its colour: auto, green, blue or '#rrggbb'")
    black: float = Field(0.0, ge=0, le=1, description="alpha up to this becomes 0")
    white: float = Field(1.0, ge=0, le=1, description="alpha from this on becomes 1")
    despill: float = Field(
        1.0, ge=0, le=1, description="how much of the screen's light is taken off the subject"
    )
    edge_smoothing: float = Field(
        1.0, ge=0, le=1, description="how much the edges' alpha is averaged over neighbouring frames"
    )
    shadows: bool = Field(False, description="keep the shadows on the screen, as black in the foreground")
    core: tuple[str, ...] = Field((), description="what is the subject: a painted matte, or a box")
    garbage: tuple[str, ...] = Field((), description="what is not the subject: rigs, the studio")
    holdout: tuple[str, ...] = Field((), description="what is the subject, its colours left as they are")
    ground: Vector = Field((0.62, 0.62, 0.64), description="what the subject is drawn on, display-referred")


class CameraTable(_Table):
    """Where the camera comes from."""

    source: Literal["solve", "locked", "file", "moves"] = "solve"
    file: str | None = Field(None, description="a camera file, for source = 'file'")
    unit: str | None = Field(None, description="of the file's lengths: m, cm, mm, in, ft")
    up: Literal["y", "z"] | None = Field(None, description="the file's upward axis")
    kind: Literal["locked", "rotation", "translating"] | None = None
    focal_mm: float | None = Field(None, gt=0)
    film_back_mm: tuple[float, float] | None = None
    distance_m: float = Field(4.0, gt=0, description="from the camera to the set, where it moves")
    smooth_s: float = Field(0.04, ge=0)
    move: tuple[dict[str, Any], ...] = ()


class LayerTable(_Table):
    """One layer of a multiplane backdrop."""

    file: str
    depth_m: float | None = Field(None, gt=0, description="infinitely far where it is not given")
    scale: float = Field(1.0, gt=0)
    shift: tuple[float, float] = (0.0, 0.0)
    cover: bool = Field(False, description="enlarge it until it covers the shot")


class BackdropTable(_Table):
    """What stands behind the subject: a flat colour, unless the scene says more."""

    kind: Literal["flat", "still", "film", "layers", "panorama", "gltf"] = "flat"
    colour: Vector = Field((0.5, 0.5, 0.5), description="of a flat backdrop, display-referred")
    file: str | None = None
    layer: tuple[LayerTable, ...] = ()
    draw: bool = Field(True, description="draw it in the film's style")
    heading_deg: float = Field(0.0, description="of a panorama or a set: turns it to the right")
    position: Vector = Field((0.0, 0.0, 0.0), description="of a set's origin, metres, from the first camera")
    scale: float = Field(1.0, gt=0, description="of a set, or of a still")
    depth_m: float | None = Field(None, gt=0, description="of a still; infinitely far by default")
    sun: Vector = Field((0.4, 0.8, 0.45), description="towards a set's sun")
    sun_strength: float = Field(2.2, ge=0)
    sky: Vector = Field((0.45, 0.62, 0.90), description="a set's sky, scene-linear")

    @property
    def is_drawn(self) -> bool:
        """Whether it is drawn in the film's style: a flat colour is what it is."""
        return self.draw and self.kind != "flat"

    @model_validator(mode="after")
    def _complete(self) -> BackdropTable:
        if self.kind == "flat":
            return self
        if self.kind == "layers" and not self.layer:
            raise ValueError("a backdrop of layers needs [[backdrop.layer]] tables")
        if self.kind != "layers" and not self.file:
            raise ValueError(f"a {self.kind} backdrop needs its file")
        return self


class OpticsTable(_Table):
    """The backdrop's shutter and aperture."""

    shutter: float = Field(0.0, ge=0, le=1)
    samples: int = Field(8, ge=1, le=64)
    f_stop: float = Field(0.0, ge=0)
    focus_m: float = Field(4.0, gt=0)


class MergeTable(_Table):
    """How the subject is set into its backdrop: see `compositing.merge.Merge`."""

    wrap: float = Field(0.2, ge=0, le=1)
    wrap_px: float = Field(10.0, ge=0, le=WIDEST_PX)
    grade: float = Field(0.25, ge=0, le=1)
    shadow: float = Field(0.45, ge=0, le=1)
    shadow_px: float = Field(60.0, ge=0, le=WIDEST_PX)
    shadow_tint: Vector = (0.10, 0.10, 0.16)
    kept_shadow: float = Field(
        1.0, ge=0, le=1, description="of the screen's shadows, where the key keeps them"
    )
    grain: float = Field(0.0, ge=0, le=0.2)
    seed: int = Field(0, ge=0)
    match_grain: bool = Field(True, description="lay the plate's grain on an undrawn backdrop")
    lines: bool = Field(True, description="match the backdrop's line weight to the subject's")
    reach_px: float = Field(6.0, ge=0, le=50, description="how far alpha follows the drawing's edge")


class Scene(_Table):
    """The contents of a scene file."""

    key: KeyTable = KeyTable()
    camera: CameraTable = CameraTable()
    backdrop: BackdropTable = BackdropTable()
    optics: OpticsTable = OpticsTable()
    merge: MergeTable = MergeTable()
    overlay: tuple[dict[str, Any], ...] = ()

    _file: Path = PrivateAttr(default=Path())

    @property
    def file(self) -> Path:
        """Where it was read from."""
        return self._file

    @property
    def files_named(self) -> list[Path]:
        """The scene's file and what it names: pictures, films, cameras, guides, and the mattes of a folder."""
        key, backdrop = self.key, self.backdrop
        names = [key.matte, *key.core, *key.garbage, *key.holdout, self.camera.file, backdrop.file]
        names += [layer.file for layer in backdrop.layer]
        found = [self.path(name) for name in names if name]
        folders = [path for path in found if path.is_dir()]
        return [self._file, *found, *(file for folder in folders for file in folder.iterdir())]

    def path(self, name: str) -> Path:
        """A file that the scene names, from the scene's own folder."""
        return self._file.parent / name


def read_scene(file: Path) -> Scene:
    """Reads a scene file.

    Raises:
        UsageError: it is missing, is not TOML, or does not say what a scene is.
    """
    try:
        table = read_toml(file)
    except DocumentError as error:
        raise UsageError(
            f"The scene file {error}.", where=file, hint="see examples/greenscreen.toml"
        ) from error
    if isinstance(table.get("key"), dict):
        table["key"] = with_new_names(table["key"], OLD_KEY_NAMES)
    try:
        scene = Scene(**table)
    except ValidationError as error:
        raise UsageError(explain(error), where=file, hint="see examples/greenscreen.toml") from error
    with compositing_errors(file):
        _check_moves(scene)
    scene._file = file
    return scene


def _check_moves(scene: Scene) -> None:
    """Reads the moves and the overlays once, so that a mistake is found before the clip is searched."""
    from compositing.camera.moves import read_move
    from compositing.overlays import read_overlay

    for table in scene.camera.move:
        read_move(table)
    for table in scene.overlay:
        read_overlay(table)
