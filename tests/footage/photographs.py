"""Photographs of every kind that is read, each of the same four colours: made here, none comes from outside."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageCms

from stylize.footage import ffmpeg_binary

RED, GREEN, BLUE, YELLOW = (200, 30, 30), (30, 160, 40), (40, 50, 190), (210, 200, 40)
"""Top left, top right, bottom left, bottom right."""


def chart(width: int = 96, height: int = 64) -> np.ndarray:
    """(height, width, 3) uint8: four colours, one in each quarter."""
    pixels = np.empty((height, width, 3), np.uint8)
    pixels[: height // 2, : width // 2], pixels[: height // 2, width // 2 :] = RED, GREEN
    pixels[height // 2 :, : width // 2], pixels[height // 2 :, width // 2 :] = BLUE, YELLOW
    return pixels


def corners(pixels: np.ndarray) -> np.ndarray:
    """The colours of the four quarters, (4, 3), 0 to 255."""
    height, width = pixels.shape[:2]
    places = [(height // 4, width // 4), (height // 4, 3 * width // 4)]
    places += [(3 * height // 4, width // 4), (3 * height // 4, 3 * width // 4)]
    return np.array([pixels[y - 2 : y + 3, x - 2 : x + 3].mean(axis=(0, 1)) for y, x in places]) * 255


def saved(**how: object) -> Callable[[Path], None]:
    return lambda path: Image.fromarray(chart()).save(path, **how)


def as_mode(mode: str, **how: object) -> Callable[[Path], None]:
    return lambda path: Image.fromarray(chart()).convert(mode).save(path, **how)


def turned(orientation: int) -> Callable[[Path], None]:
    """Stored so that it stands upright once EXIF's orientation is obeyed."""
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }  # fmt: skip

    def write(path: Path) -> None:
        exif = Image.Exif()
        exif[0x0112] = orientation
        image = Image.fromarray(chart())
        image = image.transpose(undo[orientation]) if orientation in undo else image
        image.save(path, exif=exif, quality=95, subsampling=0)

    return write


def palette(path: Path) -> None:
    Image.fromarray(chart()).quantize(8).save(path)


def palette_with_a_hole(path: Path) -> None:
    image = Image.fromarray(chart()).quantize(8)
    image.save(path, transparency=image.getpixel((90, 60)))


def deep(path: Path) -> None:
    cv2.imwrite(str(path), chart()[..., ::-1].astype(np.uint16) * 257)


def deep_with_alpha(path: Path) -> None:
    alpha = np.full((*chart().shape[:2], 1), 65535, np.uint16)
    cv2.imwrite(str(path), np.concatenate([chart()[..., ::-1].astype(np.uint16) * 257, alpha], axis=2))


def in_display_p3(path: Path) -> None:
    """The chart's colours by the codes that they have in Display P3."""
    srgb, p3 = ImageCms.createProfile("sRGB"), ImageCms.ImageCmsProfile(display_p3())
    image = ImageCms.profileToProfile(Image.fromarray(chart()), srgb, p3)
    assert image is not None
    image.save(path, icc_profile=p3.tobytes(), quality=98) if path.suffix == ".jpg" else image.save(
        path, icc_profile=p3.tobytes()
    )


def display_p3() -> object:
    """Display P3's profile: sRGB's, with other primaries (its colorants are those of SMPTE EG 432-1, D50)."""
    import io

    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    colorants = {
        b"rXYZ": (0.51512, 0.24120, -0.00105),
        b"gXYZ": (0.29198, 0.69225, 0.04189),
        b"bXYZ": (0.15710, 0.06657, 0.78407),
    }
    count = int.from_bytes(data[128:132], "big")
    for entry in range(132, 132 + 12 * count, 12):
        name, place = bytes(data[entry : entry + 4]), int.from_bytes(data[entry + 4 : entry + 8], "big")
        if name in colorants:
            for number, value in enumerate(colorants[name]):
                at = place + 8 + 4 * number
                data[at : at + 4] = round(value * 65536).to_bytes(4, "big", signed=True)
    return io.BytesIO(bytes(data).replace(b"s\0R\0G\0B", b"P\0three").replace(b"sRGB", b"P3  "))


def heic(path: Path) -> None:
    """One HEVC picture in the boxes of ISO/IEC 23008-12."""
    film = path.with_suffix(".heic.mp4")
    words = [
        ffmpeg_binary(),
        "-loglevel",
        "error",
        "-y",
        "-f",
        "rawvideo",
        "-pix_fmt",
        "rgb24",
        "-s",
        "96x64",
    ]
    words += ["-i", "-", "-vf", "scale=out_color_matrix=smpte170m:out_range=full", "-pix_fmt", "yuv420p"]
    words += ["-c:v", "libx265", "-tag:v", "hvc1", "-color_range", "pc", "-colorspace", "smpte170m"]
    words += ["-x265-params", "log-level=none:lossless=1:range=full:colormatrix=smpte170m", str(film)]
    subprocess.run(words, input=chart().tobytes(), check=True)
    data = film.read_bytes()
    film.unlink()
    at = data.index(b"hvcC") - 4
    config = data[at : at + int.from_bytes(data[at : at + 4], "big")]
    at = data.index(b"mdat")
    coded = data[at + 4 : at - 4 + int.from_bytes(data[at - 4 : at], "big")]

    def box(kind: bytes, *parts: bytes) -> bytes:
        return (8 + sum(map(len, parts))).to_bytes(4, "big") + kind + b"".join(parts)

    def number(value: int, size: int) -> bytes:
        return value.to_bytes(size, "big")

    start = box(b"ftyp", b"heic", bytes(4), b"mif1heic")
    entry = box(b"infe", number(0x02000000, 4), number(1, 2), bytes(2), b"hvc1", b"\0")
    shape = box(b"ispe", bytes(4), number(96, 4), number(64, 4))
    links = box(b"ipma", bytes(4), number(1, 4), number(1, 2), b"\x02\x81\x02")

    def meta(offset: int) -> bytes:
        place = bytes(4) + b"\x44\x00" + number(1, 2) + number(1, 2) + bytes(2) + number(1, 2)
        return box(
            b"meta", bytes(4), box(b"hdlr", bytes(8), b"pict", bytes(12), b"\0"),
            box(b"pitm", bytes(4), number(1, 2)),
            box(b"iloc", place, number(offset, 4), number(len(coded), 4)),
            box(b"iinf", bytes(4), number(1, 2), entry), box(b"iprp", box(b"ipco", config, shape), links),
        )  # fmt: skip

    path.write_bytes(start + meta(len(start) + len(meta(0)) + 8) + box(b"mdat", coded))


KINDS: dict[str, tuple[str, Callable[[Path], None], float]] = {
    **{f"EXIF orientation {n}": (f"turned{n}.jpg", turned(n), 6.0) for n in range(1, 9)},
    "EXIF in PNG": ("turned.png", turned(6), 0.6),
    "JPEG, 4:2:0": ("plain.jpg", saved(quality=90), 8.0),
    "JPEG, progressive": ("progressive.jpg", saved(quality=95, progressive=True, subsampling=0), 6.0),
    "JPEG, CMYK": ("inks.jpg", as_mode("CMYK", quality=97), 6.0),
    "JPEG, Display P3": ("phone.jpg", in_display_p3, 6.0),
    "PNG": ("plain.png", saved(), 0.6),
    "PNG, Display P3": ("p3.png", in_display_p3, 2.0),
    "PNG, opaque alpha": ("alpha.png", as_mode("RGBA"), 0.6),
    "PNG, palette": ("palette.png", palette, 3.0),
    "PNG, 16 bits": ("deep.png", deep, 0.6),
    "PNG, 16 bits with alpha": ("deeper.png", deep_with_alpha, 0.6),
    "GIF": ("plain.gif", palette, 3.0),
    "WebP": ("plain.webp", saved(quality=95), 12.0),
    "WebP, lossless": ("lossless.webp", saved(lossless=True), 0.6),
    "AVIF": ("plain.avif", saved(quality=95, subsampling="4:4:4"), 8.0),
    "HEIC": ("phone.heic", heic, 8.0),
    "TIFF": ("plain.tif", saved(), 0.6),
    "TIFF, CMYK": ("inks.tif", as_mode("CMYK"), 0.6),
    "TIFF, 16 bits": ("deep.tiff", deep, 0.6),
    "BMP": ("plain.bmp", saved(), 0.6),
    "TGA": ("plain.tga", saved(), 0.6),
    "JPEG 2000": ("plain.jp2", saved(), 3.0),
}
"""By its name: the file's name, what writes it, and how far its colours may be off, of 255."""
