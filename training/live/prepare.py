"""Makes the pairs of a live training: what a style's model draws of footage and pictures, and rendered scenes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from compositing.colour import srgb_from_linear
from stylize.comp.pictures import read_light
from stylize.config.resolved import ResolvedConfig
from stylize.errors import UsageError
from stylize.generators.load import load_generator
from training.base.real_pairs import PHOTOGRAPHS, photographs
from training.live.rendered import write_rendered_pairs
from training.live.teacher import Plate, Teacher, film_plates, is_picture, picture_plate, write_taught_pairs

TAUGHT, RENDERED = "taught", "rendered"
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


def footage_plates(footage: Sequence[Path], per_clip: int) -> Iterator[Plate]:
    """Frames of films, and pictures.

    Raises:
        UsageError, FootageError: a file that cannot be read.
    """
    for path in footage:
        if is_picture(path):
            light = read_light(path)[..., :3]
            yield picture_plate(path.stem, np.clip(srgb_from_linear(light), 0, 1))
        else:
            yield from film_plates(path, per_clip)


def prepare_pairs(
    folder: Path, config: ResolvedConfig, footage: Sequence[Path], per_clip: int, rendered: int, say: Say
) -> None:
    """Makes the pairs that are not in `folder` yet: rendered ones, then those that the model of `config` draws."""
    write_rendered_pairs(folder / RENDERED, rendered, config.finish, on_written=lambda n: say(RENDERED, n))
    teacher = Teacher(load_generator(config), config)
    plates = chain(packaged_plates(), footage_plates(footage, per_clip))
    count = write_taught_pairs(plates, teacher, folder / TAUGHT, on_written=lambda n: say(TAUGHT, n))
    if not count:
        raise UsageError("There is nothing to draw.", where=folder, hint="name clips with --footage")
