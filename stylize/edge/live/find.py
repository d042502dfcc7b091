"""Which live model a name means."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from stylize.edge.live.manifest import NAME, LiveManifest, is_live_model, read_live_manifest
from stylize.errors import UsageError

LIVE = "live"
DEFAULT_NETWORK = "m"
NETWORKS = ("s", "m", "l")


def bundled_live_models() -> Path:
    """The folder of the live models that come with the program."""
    return Path(str(resources.files("stylize") / "models" / "live"))


def is_live_name(name: str) -> bool:
    """Whether `--model` names a live model: `live`, `live-s`, `live-m`, `live-l`, or the folder of one."""
    return name == LIVE or name in _SIZED or is_live_model(Path(name).expanduser())


_SIZED = {f"{LIVE}-{network}": network for network in NETWORKS}


def locate_live_model(name: str, style: str, own: Path | None = None) -> Path:
    """The folder of the live model that draws a style.

    Args:
        name: `live`, `live-s`, `live-m`, `live-l`, or a folder.
        style: the style that is asked for.
        own: the live model in the style's own pack, which comes before the bundled ones.

    Raises:
        UsageError: there is no live model of that style and size here.
    """
    folder = Path(name).expanduser()
    if is_live_model(folder):
        return folder
    if own is not None and name in (LIVE, f"{LIVE}-{read_live_manifest(own).network}"):
        return own
    network = _SIZED.get(name, DEFAULT_NETWORK)
    folder = bundled_live_models() / f"{style}-{network}"
    if is_live_model(folder):
        return folder
    here = ", ".join(each.name for each in bundled()) or "none"
    raise UsageError(
        f"There is no live model {network!r} of the style {style!r} here; bundled are: {here}.",
        where=name,
        hint=f"train one: stylize train live --style {style}; then name its folder with --model",
    )


def bundled() -> list[LiveManifest]:
    """The manifests of the live models that come with the program, smallest first within a style."""
    found = [read_live_manifest(file.parent) for file in sorted(bundled_live_models().glob(f"*/{NAME}"))]
    return sorted(found, key=lambda each: (each.style, NETWORKS.index(each.network)))
