"""A style pack: a style.toml and the folder that it lies in."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from stylize.config.explain import explain
from stylize.config.style import Style
from stylize.errors import UsageError
from stylize.system.documents import DocumentError, read_toml

STYLE_FILE = "style.toml"
LIVE_FOLDER = "live"
"""The folder of a pack in which its own live model lies, if it has one."""
LIVE_MANIFEST = "live.json"


class StylePack(BaseModel):
    """A style, its name, and its folder."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    folder: Path
    style: Style

    @property
    def live_folder(self) -> Path | None:
        """The folder of the pack's own live model; None where it has none."""
        folder = self.folder / LIVE_FOLDER
        return folder if (folder / LIVE_MANIFEST).is_file() else None

    @cached_property
    def lora_files(self) -> tuple[str, ...]:
        """The style's LoRAs: as paths where the files are in the pack's folder, else as the style names them."""
        return tuple(
            str(self.folder / lora.file) if (self.folder / lora.file).is_file() else lora.file
            for lora in self.style.loras
        )


def read_pack(file: Path) -> StylePack:
    """The pack of a style.toml and its folder.

    Raises:
        UsageError: the file is not TOML, or has keys or values that a style does not have.
    """
    try:
        table = read_toml(file)
    except DocumentError as error:
        raise UsageError(f"The style file {error}.", where=file) from error
    try:
        style = Style(**table)
    except ValidationError as error:
        raise UsageError(explain(error), where=file, hint="see: stylize styles show anime") from error
    name = file.parent.name if file.name == STYLE_FILE else file.stem
    return StylePack(name=name, folder=file.parent, style=style)
