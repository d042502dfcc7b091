"""The settings of a style's training, and the TOML file that repeats it, to the bit on the same processor.

The command line is built from these models: each field's description is its help text.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from stylize.config.explain import explain
from stylize.config.packs.install import NAME
from stylize.config.style import Finish
from stylize.errors import UsageError
from training.dataset.captions import CAPTIONER, Captions
from training.toml_file import read_recipe_table

STYLE_CAPTION, SUBJECT_CAPTION = "{prompt}, {trigger}", "{trigger}, {prompt}"
Precision = Literal["fp32", "bf16", "fp16"]


class PackInfo(BaseModel):
    """What the finished style pack states about itself. What is left empty is filled in from the training."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = Field("", description="title of the style in lists; by default made from its name")
    description: str = Field(
        "", description="one sentence about the style; by default the number of drawings"
    )
    licence: str = Field("", description="licence of the style, such as CC-BY-4.0; by default 'not stated'")
    author: str = Field("", description="who made the drawings")
    sources: str = Field("", description="where the drawings come from; by default only how many there are")
    finish: Finish | None = Field(
        None, description="what is done to each drawn frame afterwards; by default as in the base style"
    )


class StyleRecipe(BaseModel):
    """How a style, a character or a ControlNet is learnt from a folder of drawings.

    A LoRA is trained for `kind` "style" and "subject". What is None is decided by the checkpoint.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())

    name: str = Field(
        description="name of the style, used as --style NAME: small letters, digits, dots and dashes"
    )
    drawings: Path = Field(
        description="folder of drawings (.png, .jpg, .webp, .bmp, .tif), its sub-folders included"
    )
    kind: Literal["style", "subject", "controlnet"] = Field(
        "style",
        description="what is learnt: how everything is drawn (style), one character or thing (subject), or how a "
        "condition guides the drawing (controlnet)",
    )
    condition: str | None = Field(
        None,
        description="for kind controlnet: what is computed from the source, such as canny, softedge, depth",
    )
    trigger: str = Field(
        "", description="word in the prompt that calls for the style or character; by default its name"
    )
    caption: str = Field(
        "",
        description="form of the captions; {prompt} is the base style's prompt, {trigger} the trigger word and "
        "{content} what a drawing's own .txt file says. By default '{prompt}, {trigger}', for a subject the "
        "trigger first",
    )
    captions: Captions = Field(
        "template",
        description="drawings without a .txt file: caption them by the form alone (template), or let an "
        "image captioner describe them (auto)",
    )
    captioner: str = Field(
        CAPTIONER,
        description="image captioner for captions = auto: a folder, or the hub id of one already on this machine",
    )

    base: str = Field(
        "anime",
        description="style to build on, name or path: gives the prompt, ControlNets and finish, not its LoRAs",
    )
    model: str | None = Field(
        None,
        description="checkpoint to train on: hub id, folder or .safetensors; by default the base style's",
    )
    control: bool = Field(
        True, description="train under the base style's ControlNets, as frames are drawn with them later"
    )

    rank: int = Field(
        16, ge=1, le=512, description="rank of the LoRA, 1 to 512: a higher one learns more, in a larger file"
    )
    alpha: float | None = Field(
        None, gt=0, description="the LoRA's update is scaled by alpha / rank; by default alpha is the rank"
    )
    targets: tuple[str, ...] = Field(
        ("auto",),
        description="layers that get a LoRA: attention, feedforward, convolutions, or the end of a module's name. "
        "auto is attention, and convolutions too where the network has little attention",
    )
    dropout: float = Field(
        0.0, ge=0, lt=1, description="share of the LoRA's inputs set to zero while training, 0 to below 1"
    )
    text_rank: int = Field(
        0, ge=0, le=512, description="rank of a second LoRA on the text encoder, 0 to 512; 0 trains none"
    )

    resolution: int | None = Field(
        None,
        ge=32,
        multiple_of=8,
        description="side of a square crop in pixels, a multiple of 8, at least 32; by default 64 latents, at most "
        "the checkpoint's size (128 on mini, 512 on Stable Diffusion 1.5)",
    )
    short_side: int | None = Field(
        None,
        ge=32,
        description="larger drawings are scaled down to this short side in pixels, at least 32, before crops are "
        "cut; by default the checkpoint's size",
    )
    flips: bool = Field(
        False, description="mirror half of the crops; not for a character whose left and right differ"
    )
    sources: Literal["auto", "made"] = Field(
        "auto",
        description="the photograph behind each drawing: NAME.source.png where there is one, else guessed from the "
        "drawing (auto), or always guessed (made)",
    )

    steps: int = Field(300, gt=0, description="optimisation steps")
    batch: int = Field(4, gt=0, description="crops in a batch")
    accumulate: int = Field(1, gt=0, description="batches whose gradients are added up to one step")
    rate: float | None = Field(
        None,
        gt=0,
        description="learning rate after warm-up; by default 0.005 for a checkpoint made for few steps, else "
        "0.0001",
    )
    warmup: int = Field(20, ge=0, description="steps in which the learning rate rises from zero")
    weight_decay: float = Field(0.01, ge=0, description="AdamW's weight decay")
    clip: float = Field(
        1.0, gt=0, description="gradients are scaled down to this norm where theirs is greater"
    )
    ema: float = Field(
        0.98,
        ge=0,
        lt=1,
        description="decay of the moving average of the weights that is saved, 0 to below 1; 0 saves the last "
        "weights",
    )

    loss: Literal["auto", "noise", "drawing"] = Field(
        "auto",
        description="what the error is measured on: the network's output (noise) or the decoded picture, its edges "
        "and its texture (drawing); auto is drawing for a checkpoint made for few steps, else noise",
    )
    detail: float = Field(
        3.0,
        ge=0,
        description="for the drawing loss: weight of the squared error of differences between neighbouring pixels. "
        "Brings out lines",
    )
    flat: float = Field(
        0.5,
        ge=0,
        description="for the drawing loss: weight of the absolute error of differences between neighbouring "
        "pixels. Makes flat areas flat and lines sharp; 0 for hatching and grain",
    )
    texture: float = Field(
        1.0,
        ge=0,
        description="for the drawing loss: weight of how much fine structure there is around each place, wherever "
        "exactly it lies; 8 for hatching",
    )
    soft: float = Field(
        0.0,
        ge=0,
        le=8,
        description="for the drawing loss: blur, in pixels (0 to 8), through which pixels are compared, so that "
        "single strokes may lie elsewhere; 1 for hatching",
    )
    min_snr: float | None = Field(
        5.0, gt=0, description="for the noise loss: gamma of the Min-SNR weighting of timesteps"
    )
    offset_noise: float = Field(
        0.0, ge=0, le=1, description="strength of noise that is one value over a whole picture, 0 to 1"
    )
    prior: float = Field(
        0.0,
        ge=0,
        description="weight of a second loss that keeps pictures without the trigger word as the checkpoint draws "
        "them",
    )

    precision: Literal["auto", "fp32", "bf16", "fp16"] = Field(
        "auto",
        description="number format of the arithmetic; auto: bf16 where the device computes in it, else fp32",
    )
    weights: Precision = Field(
        "fp32",
        description="number format in which the checkpoint's own, frozen weights are held; bf16 and fp16 halve "
        "their memory. The trained weights are always fp32",
    )
    gradient_checkpointing: bool = Field(
        False, description="compute activations again instead of keeping them: less memory, more time"
    )
    device: str = Field("auto", description="auto, cpu, cuda, cuda:1 or mps")
    threads: int = Field(0, ge=0, description="processor threads to use; 0 is as many as there are")
    seed: int = Field(
        0, ge=0, description="decides the crops, noise and timesteps; the same seed repeats a training"
    )
    keep_every: int = Field(50, gt=0, description="steps between two saved states to resume from")
    sheet_every: int = Field(200, gt=0, description="steps between two sheets of sample frames")
    pack: PackInfo = Field(PackInfo(), description="what the style pack states about itself")
    validation: Path | None = Field(
        None,
        description="clip or folder of pictures to draw on the sample sheets; by default the drawings' sources",
    )

    @property
    def word(self) -> str:
        """The trigger word."""
        return self.trigger or self.name

    @property
    def template(self) -> str:
        """The form of the captions."""
        captions = {"style": STYLE_CAPTION, "subject": SUBJECT_CAPTION, "controlnet": "{prompt}"}
        return self.caption or captions[self.kind]

    @field_validator("name")
    @classmethod
    def _is_a_folder_name(cls, name: str) -> str:
        if not NAME.fullmatch(name):
            raise ValueError("small letters, digits, dots and dashes make a name")
        return name

    @model_validator(mode="after")
    def _only_a_controlnet_has_a_condition(self) -> StyleRecipe:
        if (self.kind == "controlnet") != (self.condition is not None):
            raise ValueError("a ControlNet has a condition, a LoRA has none")
        if self.kind == "controlnet" and self.prior > 0:
            raise ValueError("a prior keeps a LoRA's checkpoint as it is: a ControlNet has none")
        return self

    @classmethod
    def read(cls, path: Path, **flags: Any) -> StyleRecipe:
        """The recipe of a TOML file, with `flags` in place of its values (None: not given).

        Relative paths in the file start at its folder.

        Raises:
            UsageError: no such file, not TOML, or a key or value that is not valid.
        """
        table = read_recipe_table(path)
        for key in ("drawings", "validation"):
            if isinstance(table.get(key), str):
                table[key] = path.parent / table[key]
        return cls.of(path, **(table | {key: value for key, value in flags.items() if value is not None}))

    @classmethod
    def of(cls, where: Path | None = None, **table: Any) -> StyleRecipe:
        """The recipe of these settings; `where` is the file they come from, for the error.

        Raises:
            UsageError: a key or value that is not valid.
        """
        try:
            return cls(**table)
        except ValidationError as error:
            raise UsageError(explain(error), where=where, hint="see: stylize train style --help") from error

    def write(self, path: Path) -> None:
        """Writes every setting, its paths absolute, so that the file repeats the training wherever it is read."""
        import tomli_w

        facts = self.model_dump(mode="json", exclude_none=True)
        for key in ("drawings", "validation"):
            if key in facts:
                facts[key] = str(Path(facts[key]).absolute())
        path.write_text(tomli_w.dumps(facts), encoding="utf-8")
