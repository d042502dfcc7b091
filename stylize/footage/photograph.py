"""Photographs and other single pictures as people have them: turned, in other colours, deep, transparent.

Whatever the file says of how it is shown is honoured: EXIF's orientation, an ICC profile, a palette, CMYK. What
comes out is upright and sRGB.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from stylize.errors import FootageError, MissingPart
from stylize.footage.alpha import laid_on
from stylize.footage.clip import Pixels
from stylize.footage.guard import check_picture
from stylize.footage.picture import upright

if TYPE_CHECKING:
    from PIL.Image import Image

SUFFIXES = (
    *(".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".avif", ".jp2", ".tga"),
    *(".heic", ".heif"),
)
"""How files are named that are read as photographs."""
HEIF = (".heic", ".heif")
ORIENTATION = 0x0112
TURNS = {
    1: (0, False), 2: (0, True), 3: (180, False), 4: (180, True),
    5: (270, True), 6: (90, False), 7: (90, True), 8: (270, False),
}  # fmt: skip
"""Clockwise degrees and mirroring by EXIF's orientation (CIPA DC-008, 4.6.4): first mirrored, then turned."""
HINT = "Open it in a photo program and save it again as PNG."


@dataclass(frozen=True)
class Photograph:
    """A single picture.

    Attributes:
        pixels: float32 RGB in [0, 1], (height, width, 3), upright, sRGB.
        alpha: float32 in [0, 1], (height, width), straight; None where all of it is opaque.
        bit_depth: of the file's own values.
    """

    pixels: Pixels
    alpha: NDArray[np.float32] | None
    bit_depth: int

    def on(self, level: float) -> Pixels:
        """The pixels, laid on grey of this level where they are transparent."""
        return self.pixels if self.alpha is None else laid_on(self.pixels, self.alpha, level)


@dataclass(frozen=True)
class PhotographFacts:
    """What a file's header says: (width, height) as shown, bits, whether it is shown otherwise than it is stored
    (turned, or in other colours than sRGB), whether it moves, and whether it may be transparent."""

    size: tuple[int, int]
    bit_depth: int
    is_changed: bool
    is_animated: bool
    has_alpha: bool


def read_photograph(path: Path, *, convert: bool = True) -> Photograph:
    """A picture file as it is shown.

    Colours are converted to sRGB from the file's ICC profile by littleCMS; a profile that littleCMS cannot use
    counts as none. CMYK without one is taken for a plain mixture of inks. Of several pictures it is the first.

    Args:
        convert: False leaves the stored values as they are, for mattes.

    Raises:
        FootageError: the file is no picture, is damaged, or is of absurd size.
        MissingPart: it is HEIF, and the package that reads it is not installed.
    """
    with _opened(path) as image:
        turn = TURNS.get(image.getexif().get(ORIENTATION, 1), (0, False))
        depth = _depth_of(image, path)
        profile = _profile_of(image) if convert else None
        deep = _deep_values(path, image) if depth > 8 else None
        values = _values(image, profile) if deep is None else _converted(deep, profile)
    pixels, alpha = upright(values[..., :3], *turn), None
    if values.shape[2] == 4 and values[..., 3].min() < 1:
        alpha = upright(values[..., 3], *turn)
    return Photograph(pixels, alpha, depth if deep is not None else 8)


def photograph_facts(path: Path) -> PhotographFacts:
    """What a picture file's header says; nothing is decoded.

    Raises:
        FootageError, MissingPart: see `read_photograph`.
    """
    with _opened(path) as image:
        width, height = image.size
        turn, _ = TURNS.get(image.getexif().get(ORIENTATION, 1), (0, False))
        size = (height, width) if turn in (90, 270) else (width, height)
        is_changed = (
            image.getexif().get(ORIENTATION, 1) in range(2, 9)
            or image.mode in ("CMYK", "LAB")
            or _profile_of(image) is not None
        )
        is_animated = image.format != "TIFF" and bool(getattr(image, "is_animated", False))
        has_alpha = image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info
        return PhotographFacts(size, _depth_of(image, path), is_changed, is_animated, has_alpha)


def is_named_as_photograph(path: Path) -> bool:
    """Whether a file's name says that it is a picture of a kind that is read here."""
    return path.suffix.lower() in SUFFIXES


@contextmanager
def _opened(path: Path) -> Iterator[Image]:
    """The file's picture, its header read and its size checked."""
    from PIL import Image, UnidentifiedImageError

    if path.suffix.lower() in HEIF:
        _know_heif()
    if not path.exists():
        raise FootageError("There is no such picture.", where=path)
    check_picture(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd but harmless tags, and of sizes that are checked below
            with Image.open(path) as image:
                yield image
    except (UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise FootageError("The file is no picture that can be read.", where=path, hint=HINT) from error
    except (OSError, ValueError, SyntaxError, EOFError, KeyError, IndexError, TypeError) as error:
        # Pillow's readers raise these for files that are cut short or damaged
        raise FootageError("The picture is damaged or cut short.", where=path, hint=HINT) from error


def _know_heif() -> None:
    from stylize.system.dependencies import install_hint

    try:
        import pi_heif
    except ImportError as error:
        raise MissingPart(
            "HEIC pictures are read by pi-heif, which is not installed.", hint=install_hint()
        ) from error
    pi_heif.register_heif_opener()


def _depth_of(image: Image, path: Path) -> int:
    """Bits per component, as the header says."""
    if image.mode.startswith(("I", "F")):
        return 16
    if image.format == "PNG":
        with path.open("rb") as file:  # the header's own number: Pillow reads deep colours as 8 bits
            return 16 if file.read(25)[-1] == 16 else 8
    bits = image.tag_v2.get(258, (8,)) if image.format == "TIFF" else (8,)  # type: ignore[attr-defined]
    return max(bits) if isinstance(bits, tuple) else int(bits)


def _profile_of(image: Image) -> bytes | None:
    """The file's ICC profile, where it is not sRGB itself."""
    from PIL import ImageCms

    data = image.info.get("icc_profile")
    if not data:
        return None
    try:
        name = ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(data)))
    except (ImageCms.PyCMSError, OSError):
        return None
    return None if "srgb" in name.lower() and image.mode not in ("CMYK", "LAB") else data


def _values(image: Image, profile: bytes | None) -> NDArray[np.float32]:
    """RGB or RGBA in [0, 1] of a picture of 8 bits, (height, width, 3 or 4)."""
    if image.mode in ("P", "PA", "La", "LA", "RGBa", "1") or "transparency" in image.info:
        image = image.convert("RGBA" if image.mode != "1" else "RGB")
    if profile is not None:
        image = _to_srgb(image, profile)
    if image.mode == "LAB":
        image = _to_srgb(image, None)
    if image.mode not in ("RGB", "RGBA"):
        image = image.convert("RGB")
    return np.asarray(image).astype(np.float32) / np.float32(255)


def _to_srgb(image: Image, profile: bytes | None) -> Image:
    """The picture by littleCMS: from its profile, or from L*a*b* where there is none."""
    from PIL import ImageCms

    if image.mode not in ("RGB", "RGBA", "CMYK", "L", "LAB"):
        image = image.convert("RGB")
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile)) if profile else ImageCms.createProfile("LAB")
        mode = "RGBA" if image.mode == "RGBA" else "RGB"
        converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode=mode)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image
    return image if converted is None else converted


def _deep_values(path: Path, image: Image) -> NDArray[np.float32] | None:
    """RGB or RGBA in [0, 1] of a picture of more than 8 bits; None where it is of a kind OpenCV cannot read."""
    import cv2

    stored: NDArray[np.generic] | None = cv2.imdecode(
        np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_UNCHANGED
    )
    if stored is None or stored.shape[:2] != (image.height, image.width):
        return None
    levels = {np.dtype(np.uint8): 255.0, np.dtype(np.uint16): 65535.0}.get(stored.dtype, 1.0)
    values = stored.astype(np.float32) / np.float32(levels)
    if values.ndim == 2:
        return np.clip(np.repeat(values[..., None], 3, axis=2), 0, 1)
    return np.clip(values[..., [2, 1, 0, 3][: values.shape[2]]], 0, 1)


def _converted(values: NDArray[np.float32], profile: bytes | None) -> NDArray[np.float32]:
    """Deep values to sRGB: littleCMS is given 8 bits by Pillow, and what they leave over is added to its result."""
    from PIL import Image

    if profile is None:
        return values
    codes = np.rint(values[..., :3] * 255).astype(np.uint8)
    image = _to_srgb(Image.fromarray(codes), profile)
    rest = values[..., :3] - codes.astype(np.float32) / 255
    done = np.clip(np.asarray(image).astype(np.float32) / 255 + rest, 0, 1)
    return np.concatenate([done, values[..., 3:]], axis=2)
