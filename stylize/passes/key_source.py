"""Where the keys that are carried come from: painted files, or pictures of the film itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from deflicker.keyframes import Key, Palette
from stylize.footage.keyframes.files import load_key
from stylize.footage.keyframes.resolve import KeySet
from stylize.passes.base import Inputs
from stylize.storage.fingerprint import fingerprint_file


class KeySource(Protocol):
    """Gives the keys of a shot."""

    @property
    def needs(self) -> tuple[str, ...]:
        """The names of the pictures that they are."""

    def settings(self) -> object:
        """What of them is not in the fingerprint of what they are read from, as JSON can hold it."""

    def numbers(self, shot: Sequence[int]) -> list[int]:
        """The frames of a shot that are keys, ascending."""

    def load(self, numbers: Sequence[int], size: tuple[int, int], inputs: Inputs) -> list[Key]:
        """These keys at (width, height) `size`."""


@dataclass(frozen=True)
class PaintedKeys:
    """Files that somebody painted."""

    keys: KeySet
    needs: tuple[str, ...] = ()

    def settings(self) -> object:
        return [[key.at, fingerprint_file(key.path), key.shift] for key in self.keys.files]

    def numbers(self, shot: Sequence[int]) -> list[int]:
        return [key.at for key in self.keys.of(shot)]

    def load(self, numbers: Sequence[int], size: tuple[int, int], inputs: Inputs) -> list[Key]:
        wanted = set(numbers)
        return [load_key(key.at, key.path, key.shift, size) for key in self.keys.files if key.at in wanted]


@dataclass(frozen=True)
class DrawnKeys:
    """Frames that a pass draws, or that finished footage has."""

    frames: tuple[int, ...]
    picture: str

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.picture,)

    def settings(self) -> object:
        return list(self.frames)

    def numbers(self, shot: Sequence[int]) -> list[int]:
        return [at for at in self.frames if shot[0] <= at <= shot[-1]]

    def load(self, numbers: Sequence[int], size: tuple[int, int], inputs: Inputs) -> list[Key]:
        pictures = inputs.frames(self.picture, numbers)
        return [Key(at, picture) for at, picture in zip(numbers, pictures, strict=True)]


@dataclass(frozen=True)
class AgreeingKeys(DrawnKeys):
    """Frames of finished footage, each in the colours of the most usual one of its shot.

    `palettes`: what brings each of `frames` there; none: they keep their own.
    """

    palettes: tuple[Palette, ...] = ()

    def settings(self) -> object:
        return [super().settings(), [palette.rows for palette in self.palettes]]

    def load(self, numbers: Sequence[int], size: tuple[int, int], inputs: Inputs) -> list[Key]:
        keys = super().load(numbers, size, inputs)
        if not self.palettes:
            return keys
        palettes = dict(zip(self.frames, self.palettes, strict=True))
        return [replace(key, picture=palettes[key.at].applied(key.picture)) for key in keys]
