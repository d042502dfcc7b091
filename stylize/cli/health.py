"""What `stylize doctor` finds: facts about this machine, and for every feature whether it can be used.

What is missing becomes a verdict, never an exception.
"""

from __future__ import annotations

import importlib.metadata as metadata
import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from stylize.diffusion.weight_files import WeightFiles, read_weight_files
from stylize.errors import StylizeError
from stylize.footage.facts import FfmpegFacts, read_ffmpeg
from stylize.system.dependencies import (
    Extra,
    import_fault,
    install_hint,
    opencv_repair_hint,
    opencv_wheels,
    read_extras,
)
from stylize.system.devices import TorchInfo, read_torch
from stylize.system.machine import Capacity, Processor, read_disk, read_memory, read_processor
from stylize.system.network import Network, read_network

MODULES = (
    "numpy",
    "cv2",
    "av",
    "psutil",
    "scenedetect",
    "safetensors",
    "torch",
    "torchvision",
    "transformers",
    "diffusers",
)
"""What every run imports. Each is imported here, since a broken package has a version too."""
EXTRAS = {
    "train": "train styles and checkpoints",
    "edge": "make INT8 networks of checkpoints, and draw with ONNX Runtime",
    "farm": "spread a run over many machines",
    "matte": "cut figures out without a green screen",
    "ui": "work in the browser",
    "gguf": "draw with packed transformers (.gguf)",
    "camera": "solve moving cameras, read USD, draw glTF sets",
}
"""What each extra is for."""


@dataclass(frozen=True)
class Verdict:
    """Whether a feature can be used; if not, why and what to do. `is_main`: no run without it."""

    feature: str
    is_fine: bool
    words: str
    fix: str | None = None
    is_main: bool = False


@dataclass(frozen=True)
class Health:
    """Everything found. What is missing or broken is None, and its verdict says why."""

    version: str
    python: str
    executable: str
    system: str
    processor: Processor
    memory: Capacity | None
    disk: Capacity
    torch: TorchInfo | None
    ffmpeg: FfmpegFacts | None
    opencv: tuple[str, ...]
    extras: tuple[Extra, ...]
    checkpoints: tuple[WeightFiles, ...]
    network: Network
    warnings: tuple[str, ...]
    verdicts: tuple[Verdict, ...]

    @property
    def is_able(self) -> bool:
        """Whether the main job can run: a clip drawn in the default style."""
        return all(verdict.is_fine for verdict in self.verdicts if verdict.is_main)


def examine(folder: Path | None = None) -> Health:
    """Looks at everything that a run may need.

    Args:
        folder: where films would be written; by default the current folder.
    """
    import stylize

    extras, packages = _check_packages()
    torch, networks = _check_torch()
    ffmpeg, films = _check_ffmpeg()
    checkpoints = tuple(read_weight_files(each) for each in _bundled())
    wheels = opencv_wheels()
    return Health(
        version=stylize.__version__,
        python=platform.python_version(),
        executable=sys.executable,
        system=platform.platform(),
        processor=read_processor(),
        memory=None if import_fault("psutil") else read_memory(),
        disk=read_disk(folder or Path.cwd()),
        torch=torch,
        ffmpeg=ffmpeg,
        opencv=tuple(wheels),
        extras=extras,
        checkpoints=checkpoints,
        network=read_network(),
        warnings=_warn(wheels),
        verdicts=(
            packages,
            films,
            networks,
            _unless_missing("style", lambda: _check_style(checkpoints), is_main=True),
            _unless_missing("edge engines", _check_engines),
            _unless_missing("--runtime auto", _check_backends),
            _unless_missing("models", lambda: _check_models(torch)),
            _unless_missing("live", _check_live),
            *(_check_extra(extra) for extra in extras if extra.name),
        ),
    )


def _unless_missing(feature: str, check: Callable[[], Verdict], is_main: bool = False) -> Verdict:
    """A check's verdict; where a package that the check itself imports is missing, that is the verdict."""
    try:
        return check()
    except ImportError as error:
        return Verdict(feature, False, f"not known: {error}", install_hint(), is_main)


def _check_packages() -> tuple[tuple[Extra, ...], Verdict]:
    """Every extra with its versions, and whether the packages of a plain run are installed and can be imported."""
    feature = "packages"
    try:
        extras = tuple(read_extras())
    except metadata.PackageNotFoundError:
        extras = ()
    own = [package for extra in extras if not extra.name for package in extra.packages]
    faults = [f"{package.name}: {package.fault}" for package in own if package.fault]
    faults += [f"{name}: {fault}" for name in MODULES if (fault := import_fault(name))]
    if faults:
        return extras, Verdict(feature, False, "; ".join(faults), install_hint(), is_main=True)
    return extras, Verdict(feature, True, "all installed, and they can be imported", is_main=True)


def _check_torch() -> tuple[TorchInfo | None, Verdict]:
    feature = "networks"
    if fault := import_fault("torch"):
        return None, Verdict(feature, False, fault, install_hint(), is_main=True)
    try:
        torch = read_torch()
    except Exception as error:  # a driver that does not fit fails in its own ways
        words = f"torch finds no device: {type(error).__name__}: {error}"
        return None, Verdict(feature, False, words, "repair the driver, or try: --device cpu", is_main=True)
    return torch, Verdict(feature, True, f"torch {torch.version} on {torch.devices[0]}", is_main=True)


def _check_ffmpeg() -> tuple[FfmpegFacts | None, Verdict]:
    feature = "films"
    try:
        facts = read_ffmpeg()
    except StylizeError as error:
        return None, Verdict(feature, False, str(error), error.hint, is_main=True)
    if facts.missing:
        words = f"ffmpeg {facts.version} lacks {', '.join(facts.missing)}"
        return facts, Verdict(feature, False, words, "install a full ffmpeg, 5.1 or newer", is_main=True)
    words = f"ffmpeg {facts.version} writes {', '.join(facts.encoders)}"
    return facts, Verdict(feature, True, words, is_main=True)


def _bundled() -> list[Path]:
    """The folders of the checkpoints that come with the program."""
    models = Path(str(resources.files("stylize") / "models"))
    return sorted(file.parent for file in models.glob("*/model_index.json"))


def _check_style(checkpoints: tuple[WeightFiles, ...]) -> Verdict:
    """Whether the default style and the checkpoint it draws with are installed and whole."""
    from stylize.config.packs.find import find_style
    from stylize.config.read_settings import read_settings
    from stylize.diffusion.checkpoint import locate
    from stylize.edge.live.find import is_live_name
    from stylize.generators.live.models import live_model_folder

    feature = "style"
    try:
        settings = read_settings()
        pack = find_style(settings.style, settings.styles_dirs)
        checkpoint = settings.model or pack.style.checkpoint
        live = is_live_name(checkpoint)
        place = (
            live_model_folder(checkpoint, settings.style, settings.styles_dirs)
            if live
            else locate(checkpoint)
        )
    except StylizeError as error:
        return Verdict(feature, False, str(error), error.hint, is_main=True)
    for weights in checkpoints:
        if Path(place) == weights.folder and weights.fault:
            fix = "install stylize again"
            return Verdict(feature, False, f"{weights.name}: {weights.fault}", fix, is_main=True)
    return Verdict(feature, True, f"{pack.name}, drawn with {checkpoint}", is_main=True)


def _check_engines() -> Verdict:
    """What could run exports here, and why the others cannot."""
    from stylize.edge.engines import engines_here

    found = engines_here()
    able = [each.name for each in found if each.fault is None]
    faults = "; ".join(f"{each.name}: {each.fault}" for each in found if each.fault)
    words = f"{', '.join(able) or 'none'}" + (f" ({faults})" if faults else "")
    return Verdict("edge engines", bool(able), words, None if able else install_hint("edge"))


def _check_live() -> Verdict:
    """The tier of this machine, measured in a second or two."""
    from stylize.generators.live.tiers import available_tiers, grade, measure_device

    try:
        found = grade(measure_device(), available_tiers())
    except StylizeError as error:
        return Verdict("live", False, str(error), error.hint)
    return Verdict("live", True, f"--tier {found.tier}: this machine {found.reason}")


def _check_models(torch: TorchInfo | None) -> Verdict:
    """Which families fit this machine's GPU, or its memory, and at which size."""
    if torch is None:
        return Verdict("models", False, "not known: torch finds no device")
    from stylize.diffusion.device import choose_device, choose_precision, dtype_of
    from stylize.generators.pipeline_style import gpu_bytes
    from stylize.generators.what_fits import spell, what_fits

    device = choose_device("auto")
    value_bytes = dtype_of(choose_precision("auto", device)).itemsize
    memory = gpu_bytes(str(device))
    fits = what_fits(memory or read_memory().total, value_bytes, on_gpu=memory is not None)
    return Verdict("models", True, f"on {device}: {spell(fits)}")


def _check_backends() -> Verdict:
    """What `--runtime auto` would take for the default style, and why not the others."""
    from stylize.config.packs.find import find_style
    from stylize.config.read_settings import read_settings
    from stylize.config.style import Lora
    from stylize.edge.library import export_key_of
    from stylize.generators.backends import Backend, backends_of, best_backend
    from stylize.generators.inspect import inspect_checkpoint

    feature = "--runtime auto"
    try:
        settings = read_settings()
        pack = find_style(settings.style, settings.styles_dirs)
        facts = inspect_checkpoint(settings.model or pack.style.checkpoint, offline=True)
        pairs = zip(pack.lora_files, pack.style.loras, strict=True)
        loras = [Lora(file=file, weight=each.weight) for file, each in pairs]
        backends = backends_of(
            export_key_of(facts.revision, pack.style.controls, loras, pack.style.clip_skip)
        )
    except StylizeError as error:
        return Verdict(feature, False, str(error), error.hint)

    def measured(backend: Backend) -> str:
        time = "not timed yet" if backend.seconds is None else f"{backend.seconds:.2f} s a frame"
        return time if backend.psnr is None else f"{time}, {backend.psnr:.1f} dB from float"

    said = [f"{backend.name}: {backend.fault or measured(backend)}" for backend in backends]
    if len(backends) == 1:
        said.append("there is no export")
    best = best_backend(backends)
    return Verdict(feature, best is not None, f"takes {best.name if best else 'nothing'} ({'; '.join(said)})")


def _check_extra(extra: Extra) -> Verdict:
    what = EXTRAS.get(extra.name, "")
    feature = f"{extra.name}: {what}" if what else extra.name
    if extra.is_whole:
        return Verdict(feature, True, ", ".join(f"{each.name} {each.version}" for each in extra.packages))
    faults = ", ".join(f"{each.name} ({each.fault})" for each in extra.packages if each.fault)
    return Verdict(feature, False, faults, extra.install)


def _warn(wheels: list[str]) -> tuple[str, ...]:
    if len(wheels) < 2:
        return ()
    return (f"{' and '.join(wheels)} overwrite each other's files; keep one: {opencv_repair_hint(wheels)}",)
