"""What stands behind the subject, seen by the shot's camera."""

from compositing.backdrop.base import Backdrop
from compositing.backdrop.cards import Card, Cards, cover
from compositing.backdrop.optics import Lookout, Optics, look
from compositing.backdrop.panorama import Panorama
from compositing.backdrop.reuse import Key, Painted, choose_keys, kind_of

__all__ = [
    "Backdrop",
    "Card",
    "Cards",
    "Key",
    "Lookout",
    "Optics",
    "Painted",
    "Panorama",
    "choose_keys",
    "cover",
    "kind_of",
    "look",
]
