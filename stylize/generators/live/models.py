"""The model that a live view draws with: named, fetched, or chosen by what the device can do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from stylize.config.packs.find import find_style
from stylize.config.settings import RunSettings
from stylize.edge.engines import choose_engine
from stylize.edge.live.find import LIVE, is_live_name, locate_live_model
from stylize.edge.live.generator import LiveDrawer
from stylize.edge.live.manifest import read_live_manifest
from stylize.errors import UsageError
from stylize.footage.clip import Pixels, Shot
from stylize.generators.base import FrameGenerator
from stylize.generators.live.fetch import fetch_model
from stylize.generators.live.resolve import choose_live_precision
from stylize.generators.live.tiers import TIERS, available_tiers, grade, measure_device
from stylize.generators.live.view import Drawer

AUTO = "auto"


@dataclass(frozen=True)
class LoadedDrawer:
    """What draws, its short side, px, and what a person should know of the choice."""

    drawer: Drawer
    short_side: int
    notes: Sequence[str]


def load_drawer(settings: RunSettings, tier: str, server: str | None = None) -> LoadedDrawer:
    """Loads the model that `--model` names, else that of a tier.

    Args:
        tier: `auto` or one of `TIERS`.
        server: where the tier's model is fetched from; None for those on this machine.

    Raises:
        StylizeError: it is not here, does not fit, or could not be fetched.
    """
    if settings.model is not None:
        return _named(settings, settings.model)
    if tier == AUTO and server is None and _drawn_live(settings):
        return _named(settings, LIVE)
    notes = []
    if tier == AUTO:
        found = grade(measure_device(), available_tiers() - {"full"})  # that needs a checkpoint to be named
        tier = found.tier
        notes.append(f"{tier}: this device {found.reason}")
    if tier not in TIERS:
        raise UsageError(f"There is no tier {tier!r}.", hint=f"choose one of {', '.join(TIERS)}")
    if server is not None:
        if settings.offline:
            raise UsageError("--offline forbids to ask a server.", where=server, hint="leave one of them out")
        if not tier.startswith("live-"):
            raise UsageError("A server hands out live models only.", where=tier, hint="leave --server out")
        fetched = fetch_model(server, settings.style, tier)
        if fetched.fault is not None:
            version = fetched.manifest.version
            notes.append(f"drawing with the last good model, version {version}: {fetched.fault}")
        loaded = _live(settings, fetched.folder)
    else:
        loaded = _of_tier(settings, tier)
    return LoadedDrawer(loaded.drawer, loaded.short_side, (*notes, *loaded.notes))


def _of_tier(settings: RunSettings, tier: str) -> LoadedDrawer:
    if tier.startswith("live-"):
        return _live(settings, _located(settings, tier))
    if tier == "full":
        raise UsageError(
            "The tier full draws with a checkpoint of your own.", hint="name it: --model FOLDER or a hub id"
        )
    runtime = "edge" if tier == "mini-int8" else "torch"
    return _named(settings.model_copy(update={"runtime": runtime}), None)


def _named(settings: RunSettings, name: str | None) -> LoadedDrawer:
    if name is not None and is_live_name(name):
        return _live(settings, _located(settings, name))
    from stylize.generators.load import load_generator
    from stylize.generators.resolve import resolve_config

    config = resolve_config(settings)
    return LoadedDrawer(GeneratorDrawer(load_generator(config)), config.size, ())


def live_model_folder(name: str, style: str, styles_dirs: tuple[Path, ...] = ()) -> Path:
    """The folder of the live model of that name that draws a style: its pack's own, or a bundled one.

    Raises:
        UsageError: there is no such style, or no such live model of it.
    """
    pack = find_style(style, styles_dirs)
    return locate_live_model(name, pack.name, pack.live_folder)


def _located(settings: RunSettings, name: str) -> Path:
    return live_model_folder(name, settings.style, settings.styles_dirs)


def _drawn_live(settings: RunSettings) -> bool:
    """Whether the style itself is drawn by a live model, so that no tier is to be chosen."""
    return is_live_name(find_style(settings.style, settings.styles_dirs).style.checkpoint)


def _live(settings: RunSettings, folder: Path) -> LoadedDrawer:
    manifest = read_live_manifest(folder)
    engine = choose_engine(settings.device, "cpu-int8")
    precision = choose_live_precision(manifest, settings.precision, engine)
    drawer = LiveDrawer.load(folder, precision, engine)
    return LoadedDrawer(
        drawer, settings.size or manifest.short_side, (f"drawing with {manifest.name}, {precision}",)
    )


@dataclass(frozen=True)
class GeneratorDrawer:
    """Any generator, drawing picture after picture as one endless shot with the same noise."""

    generator: FrameGenerator

    def draw(self, picture: Pixels) -> Pixels:
        return self.generator.draw([picture], [0], Shot(0, 1))[0]
