"""One TOML file that repeats a training, to the bit on the same processor."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from stylize.config.explain import explain
from stylize.config.packs.install import NAME
from stylize.config.style import Finish
from stylize.errors import UsageError
from training.dataset.captions import CAPTIONER, Captions

STYLE_CAPTION, SUBJECT_CAPTION = "{prompt}, {trigger}", "{trigger}, {prompt}"


class Pack(BaseModel):
    """What the style pack says of itself; what is empty is said for it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = ""
    description: str = ""
    licence: str = ""
    author: str = ""
    sources: str = Field("", description="where the drawings come from")
    finish: Finish | None = Field(None, description="in place of the base style's")


class Recipe(BaseModel):
    """How a LoRA is learnt. Paths are as they were given; what is None is decided by the checkpoint."""

    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())

    name: str = Field(description="of the style, as --style will name it")
    drawings: Path = Field(description="the folder of drawings")
    kind: Literal["style", "subject", "controlnet"] = Field(
        "style", description="how everything is drawn, who or what is drawn, or how a new condition is read"
    )
    condition: str | None = Field(None, description="what a ControlNet sees: canny, softedge, depth, ...")
    trigger: str = Field("", description="the word that calls for it; by default the name")
    caption: str = Field("", description="of a drawing: may use {prompt}, {trigger} and {content}")
    captions: Captions = Field("template", description="auto: drawings without a caption are described")
    captioner: str = Field(
        CAPTIONER, description="folder or hub id of the captioner, if it is on this machine"
    )

    base: str = Field("anime", description="the style that it is built upon: prompt, ControlNets, finish")
    model: str | None = Field(None, description="checkpoint, in place of the base style's")
    control: bool = Field(True, description="learn under the base style's ControlNets, as frames are drawn")

    rank: int = Field(16, ge=1, le=512)
    alpha: float | None = Field(None, gt=0, description="the update is scaled by alpha / rank; by default 1")
    targets: tuple[str, ...] = Field(
        ("auto",), description="attention, feedforward, convolutions, or names of modules"
    )
    dropout: float = Field(0.0, ge=0, lt=1)
    text_rank: int = Field(0, ge=0, le=512, description="of a LoRA on the text encoder; 0 leaves it as it is")

    resolution: int | None = Field(None, ge=32, multiple_of=8, description="side of a square crop, px")
    short_side: int | None = Field(None, ge=32, description="to which larger drawings are scaled, px")
    flips: bool = Field(False, description="mirror half of the crops: not where a character has a side")
    sources: Literal["auto", "made"] = Field(
        "auto", description="auto: the photographs drawn over, where there are some; made: never those"
    )

    steps: int = Field(300, gt=0)
    batch: int = Field(4, gt=0)
    accumulate: int = Field(1, gt=0, description="batches whose gradients make one step")
    rate: float | None = Field(None, gt=0, description="learning rate after warm-up")
    warmup: int = Field(20, ge=0)
    weight_decay: float = Field(0.01, ge=0)
    clip: float = Field(1.0, gt=0, description="greatest norm of a gradient")
    ema: float = Field(0.98, ge=0, lt=1, description="decay of the moving average of the weights; 0 is off")

    loss: Literal["auto", "noise", "drawing"] = Field(
        "auto",
        description="noise: of what the network predicts; drawing: of the picture, its edges and its texture",
    )
    detail: float = Field(3.0, ge=0, description="of the drawing's steps between neighbours")
    flat: float = Field(0.5, ge=0, description="of flats that are truly flat, and of lines truly sharp")
    texture: float = Field(1.0, ge=0, description="of the drawing's local texture, wherever its grain lies")
    soft: float = Field(
        0.0, ge=0, le=8, description="within so many px it does not matter where a stroke or a grain lies"
    )
    min_snr: float | None = Field(5.0, gt=0, description="Min-SNR weighting's gamma, for the noise loss")
    offset_noise: float = Field(0.0, ge=0, le=1, description="noise of whole pictures' brightness")
    prior: float = Field(
        0.0, ge=0, description="weight of what the checkpoint draws without the trigger word"
    )

    precision: Literal["fp32", "bf16", "fp16"] = "bf16"
    weights: Literal["fp32", "bf16", "fp16"] = Field(
        "fp32", description="how the frozen weights are held; the LoRA's own are fp32"
    )
    gradient_checkpointing: bool = False
    device: str = Field("auto", description="auto, cpu, cuda, mps")
    threads: int = Field(0, ge=0, description="processors to use; 0: as many as there are")
    seed: int = Field(0, ge=0)
    keep_every: int = Field(50, gt=0, description="steps between two states to go on from")
    sheet_every: int = Field(200, gt=0, description="steps between two sheets")
    pack: Pack = Pack()
    validation: Path | None = Field(None, description="a clip or a folder of pictures to show on the sheets")

    @property
    def word(self) -> str:
        return self.trigger or self.name

    @property
    def template(self) -> str:
        captions = {"style": STYLE_CAPTION, "subject": SUBJECT_CAPTION, "controlnet": "{prompt}"}
        return self.caption or captions[self.kind]

    @field_validator("name")
    @classmethod
    def _a_name_for_files(cls, name: str) -> str:
        if not NAME.fullmatch(name):
            raise ValueError("small letters, digits, dots and dashes make a name")
        return name

    @model_validator(mode="after")
    def _condition_of_a_controlnet(self) -> Recipe:
        if (self.kind == "controlnet") != (self.condition is not None):
            raise ValueError("a ControlNet has a condition, a LoRA has none")
        return self

    @classmethod
    def read(cls, path: Path, **flags: Any) -> Recipe:
        """The recipe of a file, with `flags` over it (None: not given). Its paths start at the file's folder.

        Raises:
            UsageError: no such file, not TOML, or a key or value that cannot be meant.
        """
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError("This recipe cannot be read.", where=path, hint=str(error)) from error
        except tomllib.TOMLDecodeError as error:
            raise UsageError(f"This recipe is not TOML: {error}.", where=path) from error
        for key in ("drawings", "validation"):
            if isinstance(table.get(key), str):
                table[key] = path.parent / table[key]
        return cls.of(path, **(table | {key: value for key, value in flags.items() if value is not None}))

    @classmethod
    def of(cls, where: Path | None = None, **table: Any) -> Recipe:
        """Raises UsageError: a key or value that cannot be meant."""
        try:
            return cls(**table)
        except ValidationError as error:
            raise UsageError(explain(error), where=where, hint="see: stylize train style --help") from error

    def write(self, path: Path) -> None:
        """Writes every setting, so that the file repeats the training wherever it is read."""
        import tomli_w

        facts = self.model_dump(mode="json", exclude_none=True)
        for key in ("drawings", "validation"):
            if key in facts:
                facts[key] = str(Path(facts[key]).absolute())
        path.write_text(tomli_w.dumps(facts), encoding="utf-8")
