"""A style: what is asked of the model, and how its drawing is finished."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Literal

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stylize.errors import UsageError
from stylize.footage.cadence import Cadence, HoldMode

NoiseKind = Literal["fixed", "per-frame", "source"]
SchedulerName = Literal["ddim", "lcm", "euler", "euler-a", "dpm++", "unipc"]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Control(_Table):
    """One ControlNet and how long it holds."""

    condition: str = Field(description="what is read off the source: tile, canny, lineart, softedge, ...")
    model: str | None = Field(
        None, description="hub id, folder or .safetensors; by default the one that comes with the checkpoint"
    )
    weight: float = Field(1.0, ge=0, le=2)
    start: float = Field(0.0, ge=0, le=1, description="share of the steps before it acts")
    end: float = Field(1.0, ge=0, le=1, description="share of the steps after which it lets go")

    def acts_at(self, along: float) -> bool:
        """Whether it holds once the share `along` of the steps, 0 to 1, lies behind."""
        return self.weight != 0 and (self.start <= along < self.end or along == self.start == self.end)


class Lora(_Table):
    """One LoRA and its weight."""

    file: str = Field(description="hub id or .safetensors; a relative path starts at the style's folder")
    weight: float = Field(1.0, ge=-2, le=2)


class Finish(_Table):
    """What happens to the drawing after the model: by default nothing but the return to full size."""

    detail: float = Field(1.0, ge=0, le=1, description="how far edges are sharpened along the source's own")
    flats: float = Field(0.0, ge=0, le=1, description="how far nearly flat areas are made flat")
    lines: float = Field(0.0, ge=0, le=1, description="how far the drawing's own dark lines are deepened")
    ink: float = Field(0.0, ge=0, le=1, description="how dark lines are laid along the source's edges")
    saturation: float = Field(1.0, ge=0, le=2, description="of the paint; 1 leaves it")

    @property
    def touches_the_cel(self) -> bool:
        """Whether there is anything to do at the drawing's own size."""
        return (self.flats, self.lines, self.ink, self.saturation) != (0, 0, 0, 1)


class Style(_Table):
    """The contents of a style.toml."""

    title: str
    description: str = ""
    licence: str = ""
    author: str = ""
    sources: str = Field("", description="where the drawings come from that it was learnt from")
    cover: str = Field("", description="a picture of the style, in its folder")
    trigger: str = Field("", description="the word in the prompt that calls for it")
    checkpoint: str = Field(description="drawn with this unless --model says otherwise")
    families: tuple[str, ...] = Field((), description="checkpoint families that it fits; none means any")
    prompt: str
    negative_prompt: str = ""
    strength: float = Field(1.0, gt=0, le=1)
    guidance: float = Field(1.0, ge=1, le=30)
    steps: int = Field(4, ge=1, le=200)
    clip_skip: int = Field(0, ge=0, le=4)
    scheduler: SchedulerName | None = Field(None, description="by default the checkpoint's own")
    noise: NoiseKind = "fixed"
    size: int | None = Field(
        None, ge=64, description="short side while drawing, px; by default the checkpoint's"
    )
    controls: tuple[Control, ...] = ()
    loras: tuple[Lora, ...] = ()
    cadence: Cadence = Field("ones", description="on which frames a new drawing comes")
    hold: HoldMode = Field("step", description="what a drawing does until the next one comes")
    finish: Finish = Finish()


class StylePack(_Table):
    """A style and where it lies."""

    name: str
    folder: Path
    style: Style

    @cached_property
    def lora_files(self) -> tuple[str, ...]:
        """The LoRA paths, resolved against the pack's folder where a file lies there."""
        return tuple(
            str(self.folder / lora.file) if (self.folder / lora.file).is_file() else lora.file
            for lora in self.style.loras
        )


def bundled_folder() -> Path:
    """Where the packs that come with the program lie."""
    return Path(str(resources.files("stylize") / "styles"))


def installed_folder() -> Path:
    """Where the packs lie that this user has installed."""
    return Path(platformdirs.user_data_dir("stylize")) / "styles"


def list_styles(folders: tuple[Path, ...] = ()) -> list[StylePack]:
    """Every pack: the bundled ones, the installed ones, and those in `folders`, by name; a later folder wins."""
    packs: dict[str, StylePack] = {}
    for folder in (bundled_folder(), installed_folder(), *folders):
        for file in sorted(folder.glob("[!.]*/style.toml")):
            packs[file.parent.name] = read_pack(file)
    return [packs[name] for name in sorted(packs)]


def find_style(name: str, folders: tuple[Path, ...] = ()) -> StylePack:
    """The style of that name, or in that file or folder; several stack: `ink+night:0.5`.

    Raises:
        UsageError: nobody knows the style, its file does not say what a style is, or styles do not go together.
    """
    if _is_path(name) or _is_known(name, folders):
        return _find_one(name, folders)
    parts = [_split_weight(word.strip()) for word in name.split("+")]
    return stack([(_find_one(word, folders), weight) for word, weight in parts])


def stack(packs: Sequence[tuple[StylePack, float]]) -> StylePack:
    """Several styles as one: the first as it is, the others' LoRAs and words added, each by its weight.

    Raises:
        UsageError: they are for different checkpoints.
    """
    first, _ = packs[0]
    other = next((pack for pack, _ in packs if pack.style.checkpoint != first.style.checkpoint), None)
    if other is not None:
        raise UsageError(
            f"{first.name} and {other.name} do not go together: they draw with {first.style.checkpoint} and "
            f"{other.style.checkpoint}.",
            where="--style",
        )
    loras: dict[str, Lora] = {}
    for pack, weight in packs:
        for lora, file in zip(pack.style.loras, pack.lora_files, strict=True):
            before = loras[file].weight if file in loras else 0.0
            loras[file] = lora.model_copy(update={"file": file, "weight": before + weight * lora.weight})
    words = [pack.style.trigger for pack, weight in packs[1:] if pack.style.trigger and weight > 0]
    style = first.style.model_copy(
        update={
            "title": " + ".join(pack.style.title for pack, _ in packs),
            "loras": tuple(loras.values()),
            "prompt": ", ".join([first.style.prompt, *words]),
        }
    )
    return StylePack(name="+".join(pack.name for pack, _ in packs), folder=first.folder, style=style)


def _find_one(name: str, folders: tuple[Path, ...]) -> StylePack:
    path = Path(name)
    if _is_path(name):
        file = path / "style.toml" if path.is_dir() else path
        if not file.is_file():
            raise UsageError("There is no style file here.", where=file, hint="see: stylize styles list")
        return read_pack(file)
    for folder in (*reversed(folders), installed_folder(), bundled_folder()):
        if name and (folder / name / "style.toml").is_file():
            return read_pack(folder / name / "style.toml")
    known = ", ".join(pack.name for pack in list_styles(folders)) or "none"
    raise UsageError(
        f"There is no style called {name!r}.",
        hint=f"the styles here are: {known}; a path to a style.toml works too",
    )


def _is_path(name: str) -> bool:
    return Path(name).suffix == ".toml" or Path(name).is_dir()


def _is_known(name: str, folders: tuple[Path, ...]) -> bool:
    return any(
        (folder / name / "style.toml").is_file()
        for folder in (*folders, installed_folder(), bundled_folder())
    )


def _split_weight(word: str) -> tuple[str, float]:
    """`ink:0.5`; a colon that no number follows belongs to the name."""
    name, colon, tail = word.rpartition(":")
    try:
        weight = float(tail) if colon else 1.0
    except ValueError:
        return word, 1.0
    if not 0 <= weight <= 2:
        raise UsageError(f"A style's weight lies between 0 and 2, not at {tail}.", where="--style")
    return (name if colon else word), weight


def read_pack(file: Path) -> StylePack:
    """The pack that a style.toml makes of its folder.

    Raises:
        UsageError: the file does not say what a style is.
    """
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"The style file is not TOML: {error}.", where=file) from error
    try:
        style = Style(**table)
    except ValidationError as error:
        raise UsageError(explain(error), where=file, hint="see: stylize styles show anime") from error
    name = file.parent.name if file.name == "style.toml" else file.stem
    return StylePack(name=name, folder=file.parent, style=style)


def explain(error: ValidationError) -> str:
    """What is wrong with a table, in a sentence: a misspelt key first, as it is what makes another missing."""
    first = min(error.errors(), key=lambda each: each["type"] != "extra_forbidden")
    key, says = ".".join(str(part) for part in first["loc"]), first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        return f"There is no setting called {key!r}."
    if first["type"] == "missing":
        return f"The setting {key!r} is missing."
    if not key:  # settings that do not go together
        return f"{says.capitalize()}."
    return f"The setting {key!r} cannot be {first['input']!r}: {says.lower()}."
