"""How drawing with a UNet fits a GPU: how many frames at once, and whether the autoencoder works in pieces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path

from stylize.diffusion.checkpoint_info import CheckpointInfo
from stylize.diffusion.pipelines.placing import SPARE
from stylize.diffusion.single_file.header import read_header
from stylize.diffusion.sizes import working_size
from stylize.diffusion.vae_pieces import TILE_PX, Pieces
from stylize.errors import UsageError

WIDE = 16 / 9
"""The shape of frame that memory is counted for: the clip is not known yet."""
PARTS = ("unet", "vae", "text_encoder", "text_encoder_2")


@dataclass(frozen=True)
class UnetWork:
    """What is to be drawn, as far as memory depends on it.

    `size` is the short side, px, and `most_px` a bound on the picture; `guided` says that every frame goes through
    the UNet twice; `batch` is how many frames at once are wished for, and `may_shrink` whether fewer will do.
    """

    size: int
    most_px: int | None
    guided: bool
    controls: int
    batch: int
    may_shrink: bool


@dataclass(frozen=True)
class UnetFit:
    """Frames at once, the pieces in which the autoencoder works, and the bytes that this takes at the peak."""

    batch: int
    pieces: Pieces | None
    bytes: int


def fit_unet(checkpoint: CheckpointInfo, precision: str, work: UnetWork, budget: int) -> UnetFit | None:
    """The way that draws most frames at once within `budget` bytes; tiles, which change the picture a little, only
    where nothing else fits. None where the checkpoint's configuration is not at hand.

    Raises:
        UsageError: nothing fits.
    """
    fits = ways(checkpoint, precision, work)
    return None if fits is None else choose_way(fits, budget)


def choose_way(fits: Sequence[UnetFit], budget: int) -> UnetFit:
    """The first way that fits `budget` bytes.

    Raises:
        UsageError: none does.
    """
    found = next((fit for fit in fits if fit.bytes <= budget * (1 - SPARE)), None)
    if found is None:
        least, given = min(fit.bytes for fit in fits) / 2**30, budget * (1 - SPARE) / 2**30
        raise UsageError(
            f"This needs {least:.2f} GiB of GPU memory at least; {given:.2f} GiB may be used.",
            hint="draw smaller with --size, fewer frames with --batch 1, or in --precision bf16",
        )
    return found


def ways(checkpoint: CheckpointInfo, precision: str, work: UnetWork) -> list[UnetFit] | None:
    """Every way with its bytes, the best one first."""
    from stylize.diffusion.device import dtype_of
    from stylize.diffusion.live_bytes import peak_bytes
    from stylize.diffusion.weightless import read_weightless

    dtype = dtype_of(precision)
    networks = read_weightless(Path(checkpoint.place), dtype)
    if networks is None:
        return None
    width, height = (
        -(-side // checkpoint.grid) * checkpoint.grid
        for side in working_size(round(work.size * WIDE), work.size, work.size, work.most_px)
    )
    weights = weights_bytes(Path(checkpoint.place), dtype.itemsize)
    if work.controls:
        weights += work.controls * networks.controlnet_bytes()
    sizes = [work.batch]
    while work.may_shrink and sizes[-1] > 1:
        sizes.append(sizes[-1] // 2)

    calls = networks.calls(width, height, 1, work.controls)
    picture = peak_bytes(calls["decoder"])  # encoding takes less; all of this grows with frames and pixels
    tile = round(picture * min(width, TILE_PX) * min(height, TILE_PX) / (width * height))
    once = sum(peak_bytes(calls[name]) for name in ("unet", "controlnet") if name in calls)
    whole: list[UnetFit] = []
    tiled: list[UnetFit] = []
    ways_of_vae: tuple[tuple[Pieces | None, int], ...] = (("slices", picture), ("tiles", tile))
    for frames in sizes:
        network = once * frames * (2 if work.guided else 1)
        for pieces, values in ((None, picture * frames), *ways_of_vae):
            fit = UnetFit(frames, pieces, weights + max(network, values))
            if pieces == "tiles":
                tiled.append(fit)
            elif pieces is None or frames > 1:
                whole.append(fit)
    return whole + tiled


def weights_bytes(place: Path, value_bytes: int) -> int:
    """Bytes of a checkpoint's networks in a precision, by the headers of its files."""
    files = [place] if place.is_file() else [file for part in PARTS for file in _plain_first(place / part)]
    return sum(
        value_bytes * sum(prod(shape) for shape in read_header(file).shapes.values()) for file in files
    )


def _plain_first(folder: Path) -> list[Path]:
    """The weight files of a part, without second copies in other precisions."""
    files = sorted(folder.glob("*.safetensors"))
    plain = [file for file in files if ".fp16" not in file.name and ".bf16" not in file.name]
    return plain or files
