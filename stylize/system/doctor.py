"""What this machine can do for a run: facts, and a verdict for every feature. It never raises for a lack."""

from __future__ import annotations

import hashlib
import importlib.metadata as metadata
import json
import os
import platform
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stylize.errors import StylizeError
from stylize.system.dependencies import Extra, import_fault, install_command, opencv_wheels, read_extras
from stylize.system.machine import Processor, Room, read_disk, read_memory, read_processor

MODULES = (
    "numpy",
    "cv2",
    "av",
    "scenedetect",
    "safetensors",
    "torch",
    "torchvision",
    "transformers",
    "diffusers",
)
"""What every run imports; each is really imported here, for a broken wheel has a version too."""
EXTRAS = {
    "train": "train styles and checkpoints",
    "edge": "draw with INT8 networks on small devices",
    "farm": "spread a run over many machines",
    "ui": "work in the browser",
    "matte": "cut figures out without a green screen",
    "camera": "solve moving cameras, read USD, draw glTF sets",
}
"""What each extra is for."""


@dataclass(frozen=True)
class Torch:
    """The networks' runtime, and the devices it can draw on, best first."""

    version: str
    devices: tuple[str, ...]


@dataclass(frozen=True)
class Ffmpeg:
    program: str
    version: str
    encoders: tuple[str, ...]


@dataclass(frozen=True)
class Weights:
    """A bundled checkpoint: the SHA-256 over its weight files by name, their bytes, and what is wrong."""

    name: str
    folder: Path
    size: int
    sha256: str
    fault: str | None


@dataclass(frozen=True)
class Network:
    """What may touch the network, and what the environment says about it."""

    policy: str
    offline: bool
    cache: Path


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
    """Everything found. A part that is missing or broken is None, and its verdict says why."""

    version: str
    python: str
    executable: str
    system: str
    processor: Processor
    memory: Room | None
    disk: Room
    torch: Torch | None
    ffmpeg: Ffmpeg | None
    opencv: tuple[str, ...]
    extras: tuple[Extra, ...]
    checkpoints: tuple[Weights, ...]
    network: Network
    warnings: tuple[str, ...]
    verdicts: tuple[Verdict, ...]

    @property
    def is_able(self) -> bool:
        """Whether the main job can run: a clip drawn in the default style."""
        return all(verdict.is_fine for verdict in self.verdicts if verdict.is_main)


def examine(folder: Path | None = None) -> Health:
    """Looks at everything a run may need.

    Args:
        folder: where films would be written; by default the current folder.
    """
    import stylize

    extras, packages = _read_packages()
    torch, drawing = _read_torch()
    ffmpeg, films = _read_ffmpeg()
    checkpoints = tuple(read_weights(each) for each in _bundled())
    wheels = tuple(opencv_wheels())
    return Health(
        version=stylize.__version__,
        python=platform.python_version(),
        executable=sys.executable,
        system=platform.platform(),
        processor=read_processor(),
        memory=read_memory(),
        disk=read_disk(folder or Path.cwd()),
        torch=torch,
        ffmpeg=ffmpeg,
        opencv=wheels,
        extras=extras,
        checkpoints=checkpoints,
        network=_read_network(),
        warnings=_warn(wheels),
        verdicts=(
            packages,
            films,
            drawing,
            _judge_style(checkpoints),
            _judge_engines(),
            _judge_backends(),
            *(_judge_extra(extra) for extra in extras if extra.name),
        ),
    )


def _read_packages() -> tuple[tuple[Extra, ...], Verdict]:
    """Every extra with its versions, and whether the packages of a plain run are here and whole."""
    feature = "packages"
    try:
        extras = tuple(read_extras())
    except metadata.PackageNotFoundError:
        extras = ()
    faults = [f"{part.name}: {part.fault}" for extra in extras if not extra.name for part in extra.parts
              if part.fault]  # fmt: skip
    faults += [f"{name}: {fault}" for name in MODULES if (fault := import_fault(name))]
    fix = next((extra.install for extra in extras if not extra.name), "") or install_command("")
    if faults:
        return extras, Verdict(feature, False, "; ".join(faults), fix or None, is_main=True)
    return extras, Verdict(feature, True, "all here, and they import", is_main=True)


def _read_torch() -> tuple[Torch | None, Verdict]:
    feature = "networks"
    fault = import_fault("torch")
    if fault:
        return None, Verdict(feature, False, fault, install_command("") or None, is_main=True)
    try:
        facts = Torch(metadata.version("torch"), tuple(_devices()))
    except Exception as error:  # a driver that does not fit fails in its own ways
        words = f"torch finds no device: {type(error).__name__}: {error}"
        return None, Verdict(feature, False, words, "mend the driver, or try: --device cpu", is_main=True)
    return facts, Verdict(feature, True, f"torch {facts.version} on {facts.devices[0]}", is_main=True)


def _devices() -> list[str]:
    """The devices torch can draw on, with the memory of each GPU."""
    import torch

    found = []
    if torch.cuda.is_available():
        for index in range(torch.cuda.device_count()):
            facts = torch.cuda.get_device_properties(index)
            memory = facts.total_memory / 1e9
            found.append(f"cuda:{index} ({facts.name}, {memory:.0f} GB, CUDA {torch.version.cuda})")
    if torch.backends.mps.is_available():
        found.append("mps")
    return [*found, f"cpu ({torch.backends.cpu.get_cpu_capability()})"]


def _read_ffmpeg() -> tuple[Ffmpeg | None, Verdict]:
    from stylize.footage.facts import read_ffmpeg

    feature = "films"
    try:
        facts = read_ffmpeg()
    except StylizeError as error:
        return None, Verdict(feature, False, str(error), error.hint, is_main=True)
    found = Ffmpeg(facts.program, facts.version, facts.encoders)
    if facts.missing:
        words = f"ffmpeg {facts.version} lacks {', '.join(facts.missing)}"
        return found, Verdict(feature, False, words, "install a full ffmpeg, 5.1 or newer", is_main=True)
    return found, Verdict(
        feature, True, f"ffmpeg {facts.version} writes {', '.join(facts.encoders)}", is_main=True
    )


def _bundled() -> list[Path]:
    root = Path(__file__).resolve().parents[1] / "models"
    return sorted(file.parent for file in root.glob("*/model_index.json"))


def read_weights(folder: Path) -> Weights:
    """Hashes a checkpoint's weight files and checks that each is whole."""
    digest, size, faults = hashlib.sha256(), 0, []
    files = sorted(folder.rglob("*.safetensors"), key=lambda file: file.relative_to(folder).as_posix())
    for file in files:
        name = file.relative_to(folder).as_posix()
        try:
            data = file.read_bytes()
        except OSError as error:
            faults.append(f"{name} cannot be read: {error.strerror}")
            continue
        digest.update(name.encode() + b"\0" + data)
        size += len(data)
        if fault := _fault_of(data):
            faults.append(f"{name} {fault}")
    if not files:
        faults.append("it has no weights")
    return Weights(folder.name, folder, size, digest.hexdigest(), "; ".join(faults) or None)


def _fault_of(data: bytes) -> str | None:
    """What is wrong with a .safetensors file: a header, then exactly the bytes that it announces."""
    if data.startswith(b"version https://git-lfs"):
        return "is a pointer: run git lfs pull"
    length = int.from_bytes(data[:8], "little")
    try:
        header: dict[str, Any] = json.loads(data[8 : 8 + length])
        end = max(
            (each["data_offsets"][1] for name, each in header.items() if name != "__metadata__"), default=0
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return "is damaged"
    return None if len(data) == 8 + length + end else "is cut short"


def _judge_style(checkpoints: tuple[Weights, ...]) -> Verdict:
    """Whether the default style and the checkpoint it draws with are here and whole."""
    from stylize.config.settings import read_settings
    from stylize.config.style import find_style
    from stylize.diffusion.checkpoint import locate

    feature = "style"
    try:
        settings = read_settings()
        pack = find_style(settings.style, settings.styles_dirs)
        checkpoint = settings.model or pack.style.checkpoint
        place = locate(checkpoint)
    except StylizeError as error:
        return Verdict(feature, False, str(error), error.hint, is_main=True)
    for weights in checkpoints:
        if Path(place) == weights.folder and weights.fault:
            fix = "install stylize again"
            return Verdict(feature, False, f"{weights.name}: {weights.fault}", fix, is_main=True)
    return Verdict(feature, True, f"{pack.name}, drawn with {checkpoint}", is_main=True)


def _judge_engines() -> Verdict:
    """What could run exports here, and why the others cannot."""
    from stylize.edge.engines import engines_here

    found = engines_here()
    able = [each.name for each in found if each.fault is None]
    faults = "; ".join(f"{each.name}: {each.fault}" for each in found if each.fault)
    words = f"{', '.join(able) or 'none'}" + (f" ({faults})" if faults else "")
    return Verdict("edge engines", bool(able), words, None if able else "pip install openvino onnxruntime")


def _judge_backends() -> Verdict:
    """What `--runtime auto` would take for the default style, and why not the others."""
    from stylize.config.settings import read_settings
    from stylize.config.style import Lora, find_style
    from stylize.edge.library import export_key_of
    from stylize.generators.backends import backends_of, best_backend
    from stylize.generators.inspect import inspect_checkpoint

    feature = "--runtime auto"
    try:
        settings = read_settings()
        pack = find_style(settings.style, settings.styles_dirs)
        facts = inspect_checkpoint(settings.model or pack.style.checkpoint, offline=True)
        loras = [Lora(file=file, weight=each.weight)
                 for file, each in zip(pack.lora_files, pack.style.loras, strict=True)]  # fmt: skip
        backends = backends_of(
            export_key_of(facts.revision, pack.style.controls, loras, pack.style.clip_skip)
        )
    except StylizeError as error:
        return Verdict(feature, False, str(error), error.hint)
    best = best_backend(backends)
    said = []
    for backend in backends:
        time = "not timed yet" if backend.seconds is None else f"{backend.seconds:.2f} s a frame"
        near = "" if backend.psnr is None else f", {backend.psnr:.1f} dB from float"
        said.append(f"{backend.name}: {backend.fault or time + near}")
    if len(backends) == 1:
        said.append("no export yet, the first run with --runtime auto makes one")
    return Verdict(feature, best is not None, f"takes {best.name if best else 'nothing'} ({'; '.join(said)})")


def _judge_extra(extra: Extra) -> Verdict:
    what = EXTRAS.get(extra.name, "")
    feature = f"{extra.name}: {what}" if what else extra.name
    if extra.is_whole:
        versions = ", ".join(f"{part.name} {part.version}" for part in extra.parts)
        return Verdict(feature, True, versions)
    faults = ", ".join(f"{part.name} ({part.fault})" for part in extra.parts if part.fault)
    return Verdict(feature, False, faults, extra.install)


def _read_network() -> Network:
    offline = os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE")
    home = Path(os.environ.get("HF_HOME") or Path.home() / ".cache" / "huggingface")
    cache = Path(os.environ.get("HF_HUB_CACHE") or home / "hub")
    policy = (
        "used only to fetch a hub model that you name; never with --offline; nothing is reported to anyone"
    )
    return Network(policy, offline, cache)


def _warn(wheels: tuple[str, ...]) -> tuple[str, ...]:
    if len(wheels) < 2:
        return ()
    extra = " ".join(name for name in wheels if name != "opencv-python-headless")
    return (
        f"{' and '.join(wheels)} overwrite each other's files; keep one: pip uninstall {extra}, "
        "then pip install --force-reinstall --no-deps opencv-python-headless",
    )
