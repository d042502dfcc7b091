"""Cuts a subject out of a plate and sets it into a backdrop: arrays in, arrays out.

    from compositing import KeySettings, ScreenKeyer, merge_subject
    keyer = ScreenKeyer(samples, KeySettings(screen="green"))
    for keyed, backdrop in zip(keyer.key(frames), backdrops):
        picture = merge_subject(keyed.premult, keyed.alpha, backdrop)

Pictures are float32 RGB, (height, width, 3). Plates and drawings are display-referred, in [0, 1]; light is
scene-linear, at least 0 and without an upper end; `premult` is premultiplied by an alpha of (height, width) in
[0, 1]. `linear_from_srgb` and `srgb_from_linear` lead from one to the other. Lengths in the world are metres, with
Y up; places in a picture are pixels, counted from the middle of the first.

    key       ScreenKeyer, KeySettings, Guides, Keyed, find_screen
    camera    Camera, View, still_camera; solve_camera, SolveSettings, SolveReport; read_camera, write_camera;
              Move, read_move, moved_camera
    backdrop  Backdrop, Card, Cards, Panorama, ModelBackdrop, PaintedBackdrop; Optics, render_backdrop,
              BackdropRenderer; KeyView, choose_key_views
    merge     merge_subject, MergeSettings; follow_silhouette, Silhouette
    overlays  read_overlay, OverlayContext

What a user can cause raises a `CompositingError` with a sentence and a hint. Names are imported when they are first
asked for; moderngl, pycolmap and usd-core only when something needs them.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from compositing.backdrop import (
        Backdrop,
        BackdropRenderer,
        Card,
        Cards,
        KeyView,
        ModelBackdrop,
        Optics,
        PaintedBackdrop,
        Panorama,
        choose_key_views,
        render_backdrop,
    )
    from compositing.camera import (
        Camera,
        SolvedCamera,
        SolveReport,
        SolveSettings,
        View,
        solve_camera,
        still_camera,
    )
    from compositing.camera.formats import read_camera, write_camera
    from compositing.camera.moves import Move, moved_camera, read_move
    from compositing.colour import linear_from_srgb, srgb_from_linear
    from compositing.errors import CompositingError
    from compositing.key.guides import Guides
    from compositing.key.keyer import KeySettings, ScreenKeyer
    from compositing.matte import Keyed
    from compositing.merge import MergeSettings, Silhouette, follow_silhouette, merge_subject
    from compositing.overlays import OverlayContext, read_overlay
    from compositing.screen.colour import find_screen

_HOMES = {
    "Backdrop": "compositing.backdrop",
    "BackdropRenderer": "compositing.backdrop",
    "Camera": "compositing.camera",
    "Card": "compositing.backdrop",
    "Cards": "compositing.backdrop",
    "CompositingError": "compositing.errors",
    "Guides": "compositing.key.guides",
    "KeySettings": "compositing.key.keyer",
    "KeyView": "compositing.backdrop",
    "Keyed": "compositing.matte",
    "MergeSettings": "compositing.merge",
    "ModelBackdrop": "compositing.backdrop",
    "Move": "compositing.camera.moves",
    "Optics": "compositing.backdrop",
    "OverlayContext": "compositing.overlays",
    "PaintedBackdrop": "compositing.backdrop",
    "Panorama": "compositing.backdrop",
    "ScreenKeyer": "compositing.key.keyer",
    "Silhouette": "compositing.merge",
    "SolveReport": "compositing.camera",
    "SolveSettings": "compositing.camera",
    "SolvedCamera": "compositing.camera",
    "View": "compositing.camera",
    "choose_key_views": "compositing.backdrop",
    "find_screen": "compositing.screen.colour",
    "follow_silhouette": "compositing.merge",
    "linear_from_srgb": "compositing.colour",
    "merge_subject": "compositing.merge",
    "moved_camera": "compositing.camera.moves",
    "read_camera": "compositing.camera.formats",
    "read_move": "compositing.camera.moves",
    "read_overlay": "compositing.overlays",
    "render_backdrop": "compositing.backdrop",
    "solve_camera": "compositing.camera",
    "srgb_from_linear": "compositing.colour",
    "still_camera": "compositing.camera",
    "write_camera": "compositing.camera.formats",
}

__all__ = [
    "Backdrop",
    "BackdropRenderer",
    "Camera",
    "Card",
    "Cards",
    "CompositingError",
    "Guides",
    "KeySettings",
    "KeyView",
    "Keyed",
    "MergeSettings",
    "ModelBackdrop",
    "Move",
    "Optics",
    "OverlayContext",
    "PaintedBackdrop",
    "Panorama",
    "ScreenKeyer",
    "Silhouette",
    "SolveReport",
    "SolveSettings",
    "SolvedCamera",
    "View",
    "choose_key_views",
    "find_screen",
    "follow_silhouette",
    "linear_from_srgb",
    "merge_subject",
    "moved_camera",
    "read_camera",
    "read_move",
    "read_overlay",
    "render_backdrop",
    "solve_camera",
    "srgb_from_linear",
    "still_camera",
    "write_camera",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
