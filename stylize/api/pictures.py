"""Single pictures, or arrays of frames, drawn in a style without files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from stylize.api.given import settings_given
from stylize.config.settings import RunSettings
from stylize.errors import UsageError
from stylize.footage.clip import Pixels, Shot

Pictures = TypeVar("Pictures", NDArray[np.uint8], NDArray[np.float32])


def draw(pictures: Pictures, *, settings: RunSettings | None = None, **named: Any) -> Pictures:
    """Draws one picture, or the frames of one shot, at their own size.

    The style's finish is applied; what needs a film is not: no repair and no deflicker.

    Args:
        pictures: RGB, display-referred: (height, width, 3) for one picture or (frames, height, width, 3), as uint8
            in 0 to 255 or float32 in [0, 1].
        settings, named: as in `stylize.plan`: style="anime", seed=7, ...

    Returns:
        as many pictures of the same shape, dtype and range.

    Raises:
        UsageError: an array of another shape, dtype or range. ModelError: a checkpoint that cannot be loaded.
    """
    from stylize.diffusion.sizes import scale_down, working_size
    from stylize.finish import finish_cel, finish_look
    from stylize.generators.enlarging import open_enlarging
    from stylize.generators.load import load_generator
    from stylize.generators.quality import with_quality
    from stylize.generators.resolve import resolve_config

    frames = _frames(pictures)
    height, width = frames.shape[1:3]
    config = resolve_config(with_quality(settings_given(settings, named), (width, height)))
    size = working_size(width, height, config.size, config.most_px)
    generator, shot = load_generator(config), Shot(0, len(frames))
    small = [scale_down(frame, size) for frame in frames]
    drawn: list[Pixels] = []
    for first in range(0, len(small), config.batch):
        few = range(first, min(first + config.batch, len(small)))
        drawn += generator.draw(small[few.start : few.stop], few, shot)
    if config.finish.touches_the_cel:
        drawn = [
            finish_cel(picture, plate, config.finish) for picture, plate in zip(drawn, small, strict=True)
        ]
    enlarging = open_enlarging(config.enlarge, config.finish.detail)
    whole = [enlarging(each, plate) for each, plate in zip(drawn, frames, strict=True)]
    printed = [finish_look(each, config.finish, number) for number, each in enumerate(whole)]
    return _as_given(printed, pictures)


def _frames(pictures: NDArray[Any]) -> NDArray[np.float32]:
    """(frames, height, width, 3) float32 in [0, 1].

    Raises:
        UsageError: the array is not what `draw` takes.
    """
    stack = pictures[None] if pictures.ndim == 3 else pictures
    if stack.ndim != 4 or stack.shape[-1] != 3 or 0 in stack.shape:
        raise UsageError(
            f"An array of the shape {pictures.shape} is no picture.",
            hint="give (height, width, 3), or (frames, height, width, 3)",
        )
    if stack.dtype == np.uint8:
        return np.divide(stack, 255, dtype=np.float32)
    if stack.dtype != np.float32 or not np.isfinite(stack).all() or stack.min() < 0 or stack.max() > 1:
        raise UsageError(
            "A picture is uint8, or float32 with values in [0, 1].",
            hint="convert it first, for example: np.asarray(picture, np.float32) / 255",
        )
    return stack


def _as_given(drawn: Sequence[Pixels], given: Pictures) -> Any:
    stack = np.stack(drawn) if given.ndim == 4 else drawn[0]
    if given.dtype == np.uint8:
        return np.rint(np.clip(stack, 0, 1) * 255).astype(np.uint8)
    return np.clip(stack, 0, 1).astype(np.float32)
