"""What may be fetched from the network: only what the user's own flags, variables or file name.

A style pack, a project's stylize.toml, a list of jobs and a run's record may be a stranger's. What they name must
be bundled, lie beside them, or have been fetched before.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from stylize.config.packs.pack import StylePack
from stylize.config.settings import RunSettings
from stylize.config.style import Control, Lora
from stylize.diffusion.checkpoint import bundled_models
from stylize.diffusion.conditions.names import ANNOTATORS, REPOSITORY
from stylize.diffusion.hub import is_hub_id
from stylize.errors import UsageError
from stylize.system.network import read_network


def check_fetching(settings: RunSettings, pack: StylePack) -> bool:
    """Whether a run must not use the network: it was asked not to, or a stranger's file names a model of the hub.

    Raises:
        UsageError: such a model is not on this machine.
    """
    named = list(_named_by_strangers(settings, pack))
    for name, where, flag in named:
        if not _was_fetched(name):
            raise UsageError(
                f"{name} would be fetched from the network, and only your own command may ask for that.",
                where=where,
                hint=f"name it yourself: {flag}",
            )
    return settings.offline or bool(named)


def _named_by_strangers(settings: RunSettings, pack: StylePack) -> Iterator[tuple[str, str, str]]:
    """Models of the hub that the user did not name, each with where it is named and the flag that would do so."""
    theirs, style = settings.from_files, pack.style
    model = settings.model or style.checkpoint
    if (settings.model is None or "model" in theirs) and is_of_the_hub(model):
        yield model, _where(settings.model is not None, pack), f"--model {model}"
    controls: tuple[Control, ...] = style.controls if settings.controls is None else settings.controls
    if settings.controls is None or "controls" in theirs:
        for control in controls:
            if control.model is not None and is_of_the_hub(control.model):
                where = _where(settings.controls is not None, pack)
                yield control.model, where, f"--control {control.condition}@{control.model}"
            if control.condition in ANNOTATORS and settings.annotators is None and control.weight:
                yield (
                    REPOSITORY,
                    _where(settings.controls is not None, pack),
                    f"--control {control.condition}",
                )
    vae = settings.vae or style.vae
    if vae is not None and (settings.vae is None or "vae" in theirs) and is_of_the_hub(vae):
        yield vae, _where(settings.vae is not None, pack), f"--vae {vae}"
    if settings.loras is None or "loras" in theirs:
        loras: tuple[Lora, ...] = style.loras if settings.loras is None else settings.loras
        files = pack.lora_files if settings.loras is None else [lora.file for lora in loras]
        for file in files:
            if is_of_the_hub(file):
                yield file, _where(settings.loras is not None, pack), f"--lora {file}"


def _where(by_settings: bool, pack: StylePack) -> str:
    return "stylize.toml or the list of jobs" if by_settings else f"the style {pack.name}"


def is_of_the_hub(name: str) -> bool:
    """Whether a name is that of a model of the hub: no path of this machine, and not bundled."""
    if (bundled_models() / name / "model_index.json").is_file() or Path(name).expanduser().exists():
        return False
    return is_hub_id(name)


def _was_fetched(name: str) -> bool:
    return (read_network().cache / f"models--{name.replace('/', '--')}").is_dir()
