"""Makes the pairs of a live training: what a style's model draws of footage and pictures, and rendered scenes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compositing.colour import srgb_from_linear
from stylize.comp.pictures import read_light
from stylize.errors import UsageError
from stylize.generators.load import load_generator
from stylize.generators.resolve import ResolvedGenerator
from stylize.passes.style import drawing_settings
from stylize.storage.atomic import atomic_write
from stylize.storage.fingerprint import fingerprint, fingerprint_file
from stylize.system.documents import read_json
from training.base.real_pairs import PHOTOGRAPHS, photographs
from training.live.rendered import write_rendered_pairs
from training.live.teacher import Plate, Teacher, film_plates, is_picture, picture_plate, write_taught_pairs

TAUGHT, RENDERED = "taught", "rendered"
MADE_FROM = "made_from.json"
"""Beside the pairs of a training: what stands for that which they were made from."""
Say = Callable[[str, int], None]


def packaged_plates() -> Iterator[Plate]:
    """The photographs that ship inside scikit-image, and the portrait inside matplotlib (all free to use)."""
    for name, pixels in zip(PHOTOGRAPHS, photographs(), strict=True):
        yield picture_plate(f"skimage-{name}", pixels)
    import matplotlib.cbook
    import matplotlib.image

    portrait: NDArray[np.uint8] = matplotlib.image.imread(
        matplotlib.cbook.get_sample_data("grace_hopper.jpg", asfileobj=False)
    )
    yield picture_plate("matplotlib-grace-hopper", np.divide(portrait, 255, dtype=np.float32))


def footage_plates(footage: Mapping[str, Path], per_clip: int) -> Iterator[Plate]:
    """Frames of films, and pictures.

    Args:
        footage: by the names that their plates begin with.

    Raises:
        UsageError, FootageError: a file that cannot be read.
    """
    for name, path in footage.items():
        if is_picture(path):
            light = read_light(path)[..., :3]
            yield picture_plate(name, np.clip(srgb_from_linear(light), 0, 1))
        else:
            yield from film_plates(path, per_clip, name)


def teacher_of(drawn_by: ResolvedGenerator) -> str:
    """Stands for the model and the settings that decide the drawings, on whichever device they are made."""
    config = drawn_by.config
    settings = drawing_settings(config)
    for name in ("device", "precision", "batch", "fit", "vae_pieces"):
        settings.pop(name, None)
    return fingerprint(settings, drawn_by.checkpoint.revision, config.finish.model_dump(mode="json"))


def note_made_from(folder: Path, teacher: str, footage: Sequence[Path]) -> dict[str, Path]:
    """Writes down what the pairs are made from; footage may be added later, but what was learnt from stays.

    Returns:
        The footage by the names that its pairs begin with. Of two files of one name the second's has what stands
        for its contents too.

    Raises:
        UsageError: the pairs that are there are another teacher's, or of footage that is no longer given.
    """
    file = folder / MADE_FROM
    before: dict[str, Any] = read_json(file) if file.exists() else {"teacher": teacher, "footage": {}}
    given = {fingerprint_file(path): path for path in footage}
    if before.get("teacher") != teacher:
        told = "The pairs in this folder were drawn by another model, or with other settings."
    elif not set(before["footage"].values()) <= given.keys():
        told = "The pairs in this folder are of footage that is not given now, or has changed since."
    else:
        told = ""
    if told:
        hint = "give what they were made with, or choose another folder with -o"
        raise UsageError(told, where=folder, hint=hint)
    named = dict(before["footage"])
    for contents, path in given.items():
        if contents not in named.values():
            named[path.stem if path.stem not in named else f"{path.stem}-{contents[:8]}"] = contents
    folder.mkdir(parents=True, exist_ok=True)
    atomic_write(file, json.dumps({"teacher": teacher, "footage": named}).encode())
    return {name: given[contents] for name, contents in named.items()}


def prepare_pairs(
    folder: Path, drawn_by: ResolvedGenerator, footage: Sequence[Path], per_clip: int, rendered: int, say: Say
) -> None:
    """Makes the pairs that are not in `folder` yet: rendered ones, then those that the model draws.

    Raises:
        UsageError, FootageError: footage that cannot be read; pairs that are there and were made of other footage,
            or by another teacher.
    """
    config = drawn_by.config
    named = note_made_from(folder, teacher_of(drawn_by), footage)
    write_rendered_pairs(folder / RENDERED, rendered, config.finish, on_written=lambda n: say(RENDERED, n))
    teacher = Teacher(load_generator(config), config)
    plates = chain(packaged_plates(), footage_plates(named, per_clip))
    count = write_taught_pairs(plates, teacher, folder / TAUGHT, on_written=lambda n: say(TAUGHT, n))
    if not count:
        raise UsageError("There is nothing to draw.", where=folder, hint="name clips with --footage")
