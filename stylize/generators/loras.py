"""The LoRAs of a run: the user's, or the style's; and whether their files are there, before anything is loaded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from stylize.config.packs.pack import StylePack
from stylize.config.settings import RunSettings
from stylize.config.style import Lora
from stylize.errors import UsageError


def loras_of(settings: RunSettings, pack: StylePack) -> tuple[Lora, ...]:
    """The LoRAs that are asked for, else those of the style, by the paths of their files."""
    if settings.loras is not None:
        return settings.loras
    files = zip(pack.style.loras, pack.lora_files, strict=True)
    return tuple(lora.model_copy(update={"file": file}) for lora, file in files)


def check_lora_files(loras: Sequence[Lora]) -> None:
    """Raises UsageError: a name that can only be a file's is not one of a regular file."""
    for lora in loras:
        path = Path(lora.file).expanduser()
        if path.suffix.lower() == ".safetensors" and not path.is_file() and lora.weight != 0:
            raise UsageError(
                "There is no such LoRA.",
                where=path,
                hint="check the path; hub ids look like owner/name",
            )
