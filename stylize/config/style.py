"""What a style.toml says: what is asked of the model, and how its drawing is finished."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from stylize.errors import UsageError
from stylize.footage.cadence import Cadence, HoldMode

NoiseKind = Literal["fixed", "per-frame", "source"]
NAME_CHARACTERS, TEXT_CHARACTERS = 200, 4000
"""Of what a style states about itself in a line, and in a few sentences; whole licences are files of their own."""
ROUNDING = 1e-9
"""Shares of steps are compared as the fractions that they stand for, not as binary numbers."""
SchedulerName = Literal["ddim", "lcm", "euler", "euler-a", "dpm++", "dpm++-sde", "unipc", "tcd"]
Spacing = Literal["leading", "trailing", "linspace"]
Sigmas = Literal["karras", "exponential", "beta"]


class _StyleTable(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Control(_StyleTable):
    """One ControlNet: what it is given, how strongly and during which steps it acts."""

    condition: str = Field(
        description="what is computed from the source: tile, canny, lineart, softedge, ..."
    )
    model: str | None = Field(
        None, description="hub id, folder or .safetensors; by default the one that comes with the checkpoint"
    )
    weight: float = Field(1.0, ge=0, le=2, description="strength of its effect; 0 switches it off")
    start: float = Field(
        0.0, ge=0, le=1, description="share of the steps, 0 to 1, after which it begins to act"
    )
    end: float = Field(1.0, ge=0, le=1, description="share of the steps, 0 to 1, after which it stops")

    @model_validator(mode="after")
    def _acts_at_all(self) -> Control:
        if self.end <= self.start:
            raise ValueError(
                f"it would never act, from {self.start:g} to {self.end:g} of the steps; weight = 0 switches it off"
            )
        return self

    def acts_at(self, progress: float, share: float) -> bool:
        """Whether it acts in a step: only in those that lie wholly between its start and its end.

        Args:
            progress: the share of the steps, 0 to 1, that is done before it.
            share: the share that the step is: one over their number.
        """
        if self.weight == 0:
            return False
        return progress >= self.start - ROUNDING and progress + share <= self.end + ROUNDING


class Lora(_StyleTable):
    """One LoRA and its weight."""

    file: str = Field(description="hub id or .safetensors; a relative path starts in the style's folder")
    weight: float = Field(1.0, ge=-2, le=2, description="strength of its effect; 0 switches it off")
    expert: Literal["high", "low"] | None = Field(
        None,
        description="the transformer that it is for, where a model has two: of strong noise, or of little",
    )


LOOK = {"glow", "screentone", "paper", "grain"}
"""Of a finish, what is done last, at the clip's size."""


class Finish(_StyleTable):
    """What is done to the drawing after the model: by default it is only scaled to the clip's size."""

    detail: float = Field(
        1.0, ge=0, le=1, description="how much edges are sharpened where the source has edges"
    )
    flats: float = Field(0.0, ge=0, le=1, description="how much nearly flat areas are flattened")
    tones: float = Field(
        0.0, ge=0, le=1, description="how much soft shading becomes clean tones with an edge between them"
    )
    lines: float = Field(0.0, ge=0, le=1, description="how much the drawing's own dark lines are darkened")
    ink: float = Field(
        0.0, ge=0, le=1, description="how dark the lines are that are added along the source's edges"
    )
    line_colour: str | None = Field(
        None,
        pattern=r"^#[0-9a-fA-F]{6}$",
        description="of lines that are darkened or added, as #2b1a1a; without it they are a darker shade of the "
        "paint that they run over",
    )
    saturation: float = Field(1.0, ge=0, le=2, description="of the colours; 1 leaves them as they are")
    glow: float = Field(0.0, ge=0, le=1, description="how much bright areas spread their light")
    screentone: float = Field(0.0, ge=0, le=1, description="how much of it is printed in dots of black ink")
    paper: float = Field(0.0, ge=0, le=1, description="how much the tooth of the paper shows under the paint")
    grain: float = Field(0.0, ge=0, le=1, description="how strong the grain of film is")

    @property
    def touches_the_cel(self) -> bool:
        """Whether anything is to be done before the drawing is scaled to the clip's size."""
        return (self.flats, self.tones, self.lines, self.ink, self.saturation) != (0, 0, 0, 0, 1)

    @property
    def touches_the_look(self) -> bool:
        """Whether anything is to be done last, at the clip's size."""
        return any(self.look_settings().values())

    def look_settings(self) -> dict[str, float]:
        """What decides the look's pixels."""
        return self.model_dump(mode="json", include=LOOK)

    def cel_settings(self) -> dict[str, float | str]:
        """What decides the cel's pixels."""
        fields = {"flats", "tones", "lines", "ink", "saturation", "line_colour"}
        return self.model_dump(mode="json", include=fields, exclude_none=True)


class Faces(_StyleTable):
    """Which faces are drawn again for themselves, larger than they stand in the picture, and how."""

    narrowest: int = Field(24, ge=8, description="narrower faces are left as they are, px of the clip")
    widest: int = Field(
        120, ge=16, description="faces that are wider than this in the drawing are drawn well without, px"
    )
    most: int = Field(4, ge=1, le=16, description="faces of a frame, the largest first")
    confidence: float = Field(0.6, gt=0, lt=1, description="how sure the detector must be")
    margin: float = Field(
        2.0, ge=1.5, le=4, description="the side of the square that is drawn, in sides of the face"
    )
    strength: float | None = Field(None, gt=0, le=1, description="in place of the picture's")
    prompt: str | None = Field(None, description="in place of the picture's")


class FamilyChanges(_StyleTable):
    """What of a style is otherwise with checkpoints of one family; what is None stays as the style has it."""

    prompt: str | None = None
    negative_prompt: str | None = None
    strength: float | None = Field(None, gt=0, le=1)
    guidance: float | None = Field(None, ge=1, le=30)
    steps: int | None = Field(None, ge=1, le=200)
    clip_skip: int | None = Field(None, ge=0, le=4)
    scheduler: SchedulerName | None = None
    spacing: Spacing | None = None
    sigmas: Sigmas | None = None
    noise: NoiseKind | None = None
    size: int | None = Field(None, ge=64)


UNSTATED = "not stated where it lies here; see where it came from"
"""In place of a licence that nothing states."""


class Style(_StyleTable):
    """The contents of a style.toml."""

    title: str = Field(max_length=NAME_CHARACTERS)
    description: str = Field("", max_length=TEXT_CHARACTERS)
    licence: str = Field("", max_length=TEXT_CHARACTERS)
    author: str = Field("", max_length=TEXT_CHARACTERS)
    sources: str = Field(
        "", max_length=TEXT_CHARACTERS, description="where the drawings come from that it was trained on"
    )
    cover: str = Field("", description="a picture of the style, in its folder")
    trigger: str = Field(
        "", max_length=NAME_CHARACTERS, description="the word in the prompt that its LoRA was trained with"
    )
    checkpoint: str = Field(description="what it draws with, unless --model names another")
    families: tuple[str, ...] = Field((), description="checkpoint families that it works with; empty: any")
    with_family: dict[str, FamilyChanges] = Field(
        {},
        description="what is otherwise with another checkpoint than its own, by that one's family: sd1, flux, ...",
    )
    prompt: str
    negative_prompt: str = ""
    strength: float = Field(1.0, gt=0, le=1)
    guidance: float = Field(1.0, ge=1, le=30)
    steps: int = Field(4, ge=1, le=200)
    clip_skip: int = Field(0, ge=0, le=4)
    scheduler: SchedulerName | None = Field(None, description="by default the checkpoint's own")
    spacing: Spacing | None = Field(
        None, description="which timesteps a run visits; by default the checkpoint's own way"
    )
    sigmas: Sigmas | None = Field(None, description="noise levels of a run; by default the checkpoint's own")
    vae: str | None = Field(None, description="an autoencoder in place of the checkpoint's")
    embeddings: tuple[str, ...] = Field(
        (),
        description="files of learned words (textual inversion); a relative path starts in the style's folder",
    )
    noise: NoiseKind = "fixed"
    size: int | None = Field(
        None, ge=64, description="short side while drawing, px; by default the checkpoint's"
    )
    controls: tuple[Control, ...] = ()
    loras: tuple[Lora, ...] = ()
    cadence: Cadence = Field("ones", description="which frames get a drawing of their own")
    hold: HoldMode = Field(
        "step",
        description="what is shown until the next drawing: the same drawing, or the drawing moved along",
    )
    finish: Finish = Finish()
    faces: Faces = Faces()

    @property
    def terms(self) -> str:
        """Its licence, and what it was trained on."""
        return (self.licence or UNSTATED) + (f"; trained on {self.sources}" if self.sources else "")

    def with_checkpoint(self, name: str, family: str) -> Style:
        """The style as it is drawn with a checkpoint: its own, or another one of some family.

        Raises:
            UsageError: it is for other families.
        """
        if name == self.checkpoint:
            return self
        if self.families and family not in self.families:
            raise UsageError(
                f"This style is for {', '.join(self.families)} checkpoints, and this one is {family}.",
                where=name,
                hint="leave --model out, or name a checkpoint of that family",
            )
        changes = self.with_family.get(family)
        return self if changes is None else self.model_copy(update=changes.model_dump(exclude_none=True))
