"""The style pack that a training on painted keys ends in: a live model, what it is, and a cover."""

from __future__ import annotations

import shutil
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import nn

from stylize.config.packs.check import check_pack
from stylize.config.packs.pack import LIVE_FOLDER, STYLE_FILE, StylePack
from stylize.config.style import Style
from stylize.edge.live.find import LIVE
from stylize.errors import UsageError
from stylize.footage.clip import Pixels
from stylize.footage.outfile import make_folder, temporary_folder
from stylize.storage.atomic import atomic_write
from stylize.storage.pictures import write_picture
from training.live.export import LiveFacts, export_live
from training.live.network import GRID
from training.live.painted import PaintedPairs
from training.live.recipe import PAIRS_FOLDER, SHEETS_FOLDER, STATE_FILE
from training.lora.recipe import PackInfo

COVER_FILE, COVER_PX = "cover.jpg", 512


def write_painted_pack(
    network: nn.Module, facts: LiveFacts, pairs: PaintedPairs, info: PackInfo, folder: Path
) -> StylePack:
    """Writes the pack into a folder, and checks it as any pack is checked that is installed.

    Args:
        network: as it was trained.
        info: what the pack states about itself; what is empty is filled in.

    Raises:
        MissingPart: AIMET or onnx is not installed. UsageError: a folder is there already that is no pack.
    """
    import tomli_w

    check_pack_place(folder)
    make_folder(folder.parent)
    with temporary_folder(folder.parent, f".{folder.name}.") as home:
        draft = home / folder.name
        export_live(network, facts, pairs, draft / LIVE_FOLDER)
        style = Style(
            title=info.title or facts.style.replace("-", " ").capitalize(),
            description=info.description or f"Learnt from {facts.teacher}.",
            licence=facts.licence,
            author=info.author,
            sources=info.sources or f"{facts.teacher}.",
            cover=COVER_FILE,
            checkpoint=LIVE,
            prompt=info.title or facts.style.replace("-", " "),
        )
        write_picture(_cover(network, pairs), draft / COVER_FILE)
        text = tomli_w.dumps(style.model_dump(mode="json", exclude_none=True))
        atomic_write(draft / STYLE_FILE, text.encode())
        check_pack(draft, draft)
        if folder.exists():
            shutil.rmtree(folder)
        draft.rename(folder)
    return check_pack(folder, folder)


def check_pack_place(folder: Path) -> None:
    """Refuses a folder that a training uses itself, or in which something else than an earlier pack lies: a new
    pack takes its place whole.

    Raises:
        UsageError: it is such a folder, or a file of that name.
    """
    if folder.name in (PAIRS_FOLDER, SHEETS_FOLDER, STATE_FILE):
        raise UsageError(
            f"The training keeps what it works with in {folder.name}: a style cannot be called so.",
            where=folder,
            hint="choose another --name",
        )
    if folder.exists() and not ((folder / STYLE_FILE).is_file() and (folder / LIVE_FOLDER).is_dir()):
        raise UsageError(
            "This is no pack of an earlier training, and is not replaced.",
            where=folder,
            hint="choose another --name, or another folder with -o",
        )


def _cover(network: nn.Module, pairs: PaintedPairs) -> Pixels:
    """The first key's frame as the network draws it, at most `COVER_PX` a side."""
    frame = pairs.first_key().frame
    scale = min(1.0, COVER_PX / max(frame.shape[:2]))
    rows, columns = (max(GRID, round(side * scale) // GRID * GRID) for side in frame.shape[:2])
    small = cv2.resize(frame, (columns, rows), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    device = next(network.parameters()).device
    with torch.no_grad():
        drawn = network(torch.from_numpy(small.transpose(2, 0, 1).copy())[None].to(device))[0].cpu()
    return np.clip(drawn.numpy().transpose(1, 2, 0), 0, 1)
