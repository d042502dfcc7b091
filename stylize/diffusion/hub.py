"""Files from the Hugging Face hub, or from its cache on this machine."""

from __future__ import annotations

from pathlib import Path

from stylize.errors import ModelError, UsageError


def is_hub_id(name: str) -> bool:
    """Whether a name has the form of the hub's: owner/name. Nothing else is ever asked for there."""
    owner, slash, rest = name.partition("/")
    return bool(owner and slash and rest) and "/" not in rest and "\\" not in name and owner[0] not in ".~"


def hub_folder(name: str, patterns: tuple[str, ...], offline: bool) -> Path:
    """The folder in the hub's cache with a repository's files of these patterns, downloaded unless `offline`.

    Raises:
        UsageError: the name has not the form of the hub's.
        ModelError: they are not in the cache, and the hub did not give them.
    """
    if not is_hub_id(name):
        raise UsageError(
            "There is no such file or folder.",
            where=name,
            hint="give a folder, a .safetensors file, or a hub id like owner/name",
        )
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(name, allow_patterns=list(patterns), local_files_only=offline))
    except Exception as error:  # the hub's client raises a dozen kinds, from bad names to no network
        raise _not_there(name) from error


def hub_checkpoint(name: str, offline: bool) -> Path:
    """The folder in the hub's cache with a checkpoint's parts; no weights that its pipeline does not use.

    Raises:
        ModelError: it is not in the cache, and the hub did not give it.
    """
    from diffusers import DiffusionPipeline

    try:
        return Path(DiffusionPipeline.download(name, local_files_only=offline, use_safetensors=True))
    except Exception as error:  # as above
        raise _not_there(name) from error


def cached_commit(name: str) -> str | None:
    """The commit that the hub's cache has of a repository; None for a name that is none, or is not there."""
    if not is_hub_id(name):
        return None
    from huggingface_hub import try_to_load_from_cache

    index = try_to_load_from_cache(name, "model_index.json")
    return Path(index).parent.name if isinstance(index, str) else None


def _not_there(name: str) -> ModelError:
    return ModelError(
        "This model cannot be loaded: it is not on this machine, and the hub did not give it.",
        where=name,
        hint="check the name and the network, or give a folder or .safetensors file",
    )
