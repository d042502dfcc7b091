"""What stands behind the subject, seen by the shot's camera."""

from compositing.backdrop.base import Backdrop
from compositing.backdrop.cards import Card, Cards, cover
from compositing.backdrop.keys import KeyView, choose_key_views, kind_of
from compositing.backdrop.model import ModelBackdrop
from compositing.backdrop.optics import Optics
from compositing.backdrop.painted import PaintedBackdrop
from compositing.backdrop.panorama import Panorama
from compositing.backdrop.render import BackdropRenderer, render_backdrop

__all__ = [
    "Backdrop",
    "BackdropRenderer",
    "Card",
    "Cards",
    "KeyView",
    "ModelBackdrop",
    "Optics",
    "PaintedBackdrop",
    "Panorama",
    "choose_key_views",
    "cover",
    "kind_of",
    "render_backdrop",
]
