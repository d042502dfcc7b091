"""Pairs of a live training that were painted: the keys of a clip, and what is carried from each to frames nearby.

A key alone shows every thing in one pose and one light. Carried along the plate's motion it also says how the
frames around it would be painted; only parts that are known there are learnt from.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np

from deflicker.keyframes import CarrySettings, Frame, carry_keys, span_of
from stylize import footage
from stylize.diffusion.sizes import scale_down, working_size
from stylize.errors import UsageError
from stylize.footage.clip import Clip, Pixels, Shot
from stylize.footage.keyframes.files import load_key
from stylize.footage.keyframes.resolve import KeyFile, KeySet
from stylize.storage.atomic import atomic_write
from stylize.storage.fingerprint import fingerprint, fingerprint_clip, fingerprint_file
from stylize.storage.pictures import write_picture
from stylize.system.documents import read_json
from training.live.crops import PairSet, Picture, cut_crop
from training.live.pairs import Levels, LivePair, write_pair
from training.live.prepare import MADE_FROM, TAUGHT
from training.live.recipe import LiveRecipe
from training.live.teacher import KEPT_SIDE

KNOWN = "known"
"""The folder of pictures that say how far each drawing is to be believed."""
KEY = "key"
"""How the names of pairs begin that were painted, not carried."""
CARRIED_TO = (-12, -9, -6, -3, 3, 6, 9, 12)
"""Frames to which a key is carried, counted from its own."""
KEY_SHARE = 0.5
"""Share of the crops that are cut from keys themselves."""
ONE_KEY = CarrySettings(keys_each_side=1)


def write_painted_pairs(
    clip: Clip,
    shots: Sequence[Shot],
    keys: KeySet,
    folder: Path,
    on_written: Callable[[int], None] = lambda count: None,
) -> int:
    """Writes the pairs of all keys; those of a key that are there already are kept.

    Args:
        shots: in which the keys lie.
        on_written: is told how many keys are done.

    Returns:
        How many pairs there are.

    Raises:
        FootageError: the clip or a key cannot be read.
        UsageError: the pairs that are there are of another clip, or of keys that were painted over or taken away.
    """
    _check_made_from(clip, keys, folder)
    for count, key in enumerate(keys.files, start=1):
        shot = next(shot for shot in shots if key.at in shot)
        if not _place(folder / TAUGHT, KEY, key.at).exists():
            _write_of_key(clip, shot, key, [each.at for each in keys.files], folder)
        on_written(count)
    return len(list((folder / TAUGHT).glob("[!.]*.png")))


def _check_made_from(clip: Clip, keys: KeySet, folder: Path) -> None:
    """Writes down what the pairs are made from; keys may be added later, but what was learnt from stays."""
    file = folder / MADE_FROM
    source = fingerprint_clip(clip)
    painted = {f"{key.at:06d}": fingerprint(fingerprint_file(key.path), key.shift) for key in keys.files}
    if file.exists():
        before = read_json(file)
        if before.get("clip") != source or not before["keys"].items() <= painted.items():
            raise UsageError(
                "The training in this folder learns from another clip, or from keys that have changed since.",
                where=folder.parent,
                hint="choose another folder with -o, or remove this one to begin anew",
            )
    folder.mkdir(parents=True, exist_ok=True)
    atomic_write(file, json.dumps({"clip": source, "keys": painted}).encode())


def _write_of_key(clip: Clip, shot: Shot, key: KeyFile, painted: Sequence[int], folder: Path) -> None:
    size = working_size(clip.width, clip.height, KEPT_SIDE)
    around = [key.at + far for far in CARRIED_TO if key.at + far in shot and key.at + far not in painted]
    wanted = sorted([key.at, *around])
    span = span_of([key.at], wanted, ONE_KEY)
    read = range(span.start, min(span.stop + 1, shot.end))
    plates = {frame.index: scale_down(frame.pixels, size) for frame in footage.pick_frames(clip, list(read))}
    guides = {at: _guide(plates[at]) for at in span}
    carried = carry_keys(guides, [load_key(key.at, key.path, key.shift, size)], wanted, ONE_KEY)
    for frame in sorted(
        carried, key=lambda each: each.at == key.at
    ):  # the key's own pair last: then all are there
        name = KEY if frame.at == key.at else f"carried-{key.at:06d}"
        _write(folder, name, frame, plates[frame.at], plates.get(frame.at + 1, plates[frame.at]))


def _write(folder: Path, name: str, frame: Frame, plate: Pixels, after: Pixels) -> None:
    write_picture(np.dstack([frame.known] * 3), _place(folder / KNOWN, name, frame.at))
    write_pair(_place(folder / TAUGHT, name, frame.at), plate, after, frame.picture)


def _place(folder: Path, name: str, at: int) -> Path:
    return folder / f"{name}-{at:06d}.png"


def _guide(plate: Pixels) -> Levels:
    """The plate in 8 bits, of at most as many rows as motion is sought on."""
    rows, columns = plate.shape[:2]
    scale = min(1.0, ONE_KEY.guide_height / rows)
    size = (max(1, round(columns * scale)), max(1, round(rows * scale)))
    small = cv2.resize(plate, size, interpolation=cv2.INTER_AREA) if scale < 1 else plate
    return np.rint(np.clip(small, 0, 1) * 255).astype(np.uint8)


class PaintedPairs(PairSet):
    """The pairs of painted keys, in memory; crops are cut where the painting is known.

    Attributes:
        known: of every pair, how far its drawing is to be believed, (H, W) uint8.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        names = sorted(path.name for path in (folder / TAUGHT).glob("[!.]*.png"))
        self.known = [_read_known(folder / KNOWN / name) for name in names]
        self._keys = [at for at, name in enumerate(names) if name.startswith(KEY)]
        self._carried = [at for at, name in enumerate(names) if not name.startswith(KEY)]

    def first_key(self) -> LivePair:
        """The pair of the first painted frame."""
        return self.taught[self._keys[0]]

    def _cut(self, recipe: LiveRecipe, rng: np.random.Generator) -> tuple[Picture, Picture, Picture]:
        painted = not self._carried or rng.random() < KEY_SHARE
        pool = self._keys if painted else self._carried
        at = pool[int(rng.integers(len(pool)))]
        scale = float(rng.uniform(recipe.smallest, recipe.largest))
        return cut_crop(self.taught[at], recipe.crop, scale, rng, self.known[at])


def _read_known(path: Path) -> Levels:
    known = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if known is None:
        raise UsageError(
            "A file of this training is missing or broken.",
            where=path,
            hint="delete the training's folder: the same command makes it again",
        )
    return np.asarray(known, np.uint8)
