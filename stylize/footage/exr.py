"""OpenEXR files: scene-linear light, half float, by the Academy's own library."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stylize.errors import FootageError
from stylize.footage.finite import made_finite
from stylize.footage.guard import check_picture
from stylize.footage.limits import check_pixels
from stylize.footage.primaries import BT709, bt709_from_primaries

FIRST_LAYERS = ("", "rgba", "rgb", "beauty", "combined", "c")
"""Layers that hold the picture itself by the names that renderers give them, the first choice first."""
SHORT = {"red": "r", "green": "g", "blue": "b", "alpha": "a"}
"""What some renderers call channels, by what others do."""


def read_exr(path: Path) -> NDArray[np.float32]:
    """The R, G and B channels (or Y alone, repeated) as float32, (height, width, 3), scene-linear, of BT.709.

    The picture is the display window: renders are often cropped to what is not empty, another part in every
    frame, or reach beyond the edges. It is black where the file holds nothing. In files of several layers or
    parts it is the first that holds the picture itself: R, G and B without a layer's name, else those of
    `rgba`, `beauty`, or the only one that there is. Light of other primaries, where the header states them, is
    converted.

    Raises:
        FootageError: the file is damaged or holds no such channels, or its windows are absurd.
    """
    part = _choose_part(path, _holds_picture)
    channels = part.channels
    names = _colour_names(list(channels))
    if names is None:
        raise FootageError(
            f"The EXR file holds {', '.join(sorted(channels)) or 'nothing'}, not R, G and B.",
            where=path,
            hint="Render the picture into the channels R, G and B.",
        )
    light = np.stack([_in_display(part, name, path) for name in names], axis=-1)
    stated = part.header.get("chromaticities")
    return light if stated is None or len(set(names)) == 1 else bt709_from_primaries(light, stated)


def read_alpha(path: Path) -> NDArray[np.float32]:
    """The alpha, else Y or the first of a matte's own, as float32, (height, width); 0 outside its data window.

    Raises:
        FootageError: the file is damaged or holds no channel.
    """
    part = _choose_part(path, lambda names: bool(names))
    for name in (_alpha_name(list(part.channels)), "Y", "G", *part.channels):
        if name in part.channels:
            return _in_display(part, name, path)
    raise FootageError("The EXR file holds no channel.", where=path, hint="Render the matte into A or Y.")


def read_light(path: Path) -> tuple[NDArray[np.float32], NDArray[np.float32] | None, int]:
    """The light of a file and its alpha in [0, 1], None where it states none; and how many pixels were no numbers.

    Raises:
        FootageError: as `read_exr`.
    """
    light, mended = made_finite(read_exr(path))
    return light, read_stated_alpha(path), mended


def read_stated_alpha(path: Path) -> NDArray[np.float32] | None:
    """The alpha of a file's picture, (height, width) in [0, 1]; None where the picture's part has none.

    Raises:
        FootageError: the file is damaged.
    """
    part = _choose_part(path, _holds_picture)
    name = _alpha_name(list(part.channels))
    return None if name is None else np.clip(np.nan_to_num(_in_display(part, name, path)), 0, 1)


def states_alpha(path: Path) -> bool:
    """Whether `read_stated_alpha` finds one, by the header."""
    parts = _open(path, header_only=True).parts
    names = [[channel.name for channel in part.header["channels"]] for part in parts]
    return _alpha_name(next(filter(_holds_picture, names), names[0])) is not None


def exr_size(path: Path) -> tuple[int, int]:
    """Width and height of the display window, from the header."""
    window = _window(_open(path, header_only=True).parts[0].header["displayWindow"])[2:]
    check_pixels(*window, path)
    return window


def write_exr(path: Path, light: NDArray[np.float32], *, pixel_aspect: float) -> None:
    """Write scene-linear light as half floats, ZIP-compressed.

    Args:
        light: (height, width, 1, 3 or 4): a matte (channel Y), RGB, or RGB premultiplied by a fourth, alpha.
    """
    import OpenEXR

    header = {
        "compression": OpenEXR.ZIP_COMPRESSION,
        "type": OpenEXR.scanlineimage,
        "pixelAspectRatio": float(pixel_aspect),
    }
    if light.shape[2] == 1:
        name, light = "Y", light[..., 0]
    else:
        name = "RGBA" if light.shape[2] == 4 else "RGB"
        header["chromaticities"] = BT709
    with OpenEXR.File(header, {name: np.ascontiguousarray(light, np.float16)}) as file:
        file.write(str(path))


def _choose_part(path: Path, fits: Any) -> Any:
    """The first part of a file whose channels fit, else the first."""
    for part in _open(path, header_only=True).parts:
        check_pixels(*_window(part.header["dataWindow"])[2:], path)
        check_pixels(*_window(part.header["displayWindow"])[2:], path)
    parts = _open(path).parts
    return next((part for part in parts if fits(list(part.channels))), parts[0])


def _holds_picture(names: list[str]) -> bool:
    return _colour_names(names) is not None


def _colour_names(names: list[str]) -> tuple[str, str, str] | None:
    """The channels of the picture itself among those of all layers."""
    layers = _layers(names)
    chosen = _picture_layer(layers)
    if chosen is not None:
        found = layers[chosen]
        return found["r"], found["g"], found["b"]
    grey = layers.get("", {}).get("y")
    return (grey, grey, grey) if grey else None


def _alpha_name(names: list[str]) -> str | None:
    """The alpha of the picture's own layer, else the one that belongs to no layer."""
    layers = _layers(names)
    own = layers.get(_picture_layer(layers) or "", {})
    return own.get("a") or layers.get("", {}).get("a")


def _picture_layer(layers: dict[str, dict[str, str]]) -> str | None:
    """The layer that holds the picture itself, where one does."""
    whole = {layer: found for layer, found in layers.items() if {"r", "g", "b"} <= found.keys()}
    known = [layer for name in FIRST_LAYERS for layer in whole if layer.lower().rpartition(".")[2] == name]
    return next(iter(known), next(iter(whole)) if len(whole) == 1 else None)


def _layers(names: list[str]) -> dict[str, dict[str, str]]:
    """The channels of each layer, "" for those of none: r, g, b, a and others, by their short names."""
    layers: dict[str, dict[str, str]] = {}
    for name in names:
        layer, _, channel = name.rpartition(".")
        layers.setdefault(layer, {})[SHORT.get(channel.lower(), channel.lower())] = name
    return layers


def _in_display(part: Any, name: str, path: Path) -> NDArray[np.float32]:
    """A channel of a part over its display window."""
    channel = part.channels[name]
    if channel.xSampling != 1 or channel.ySampling != 1:
        raise FootageError(
            f"The channel {name} is stored at a part of the picture's size.",
            where=path,
            hint="Write full-size R, G and B.",
        )
    left, top, width, height = _window(part.header["dataWindow"])
    x, y, across, down = _window(part.header["displayWindow"])
    pixels = np.asarray(channel.pixels, np.float32)
    if (left, top, width, height) == (x, y, across, down):
        return np.ascontiguousarray(pixels)
    whole = np.zeros((down, across), np.float32)
    first, last = max(left, x), min(left + width, x + across)
    upper, lower = max(top, y), min(top + height, y + down)
    if first < last and upper < lower:
        whole[upper - y : lower - y, first - x : last - x] = pixels[
            upper - top : lower - top, first - left : last - left
        ]
    return whole


def _window(box: Any) -> tuple[int, int, int, int]:
    """Left, top, width and height of a window, which names its corners, both within it."""
    (left, top), (right, bottom) = (tuple(int(each) for each in corner) for corner in box)
    return left, top, right - left + 1, bottom - top + 1


def _open(path: Path, header_only: bool = False) -> Any:
    import OpenEXR

    check_picture(path)
    try:
        return OpenEXR.File(str(path), separate_channels=True, header_only=header_only)
    except Exception as error:  # the library raises bare RuntimeError and TypeError by turns
        raise FootageError(
            "The EXR file cannot be read.", where=path, hint="Render this frame again."
        ) from error
