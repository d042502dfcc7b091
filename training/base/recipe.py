"""The settings of the base training, and the TOML file that repeats it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stylize.config.explain import explain
from stylize.errors import UsageError
from training.toml_file import read_recipe_table


class BaseRecipe(BaseModel):
    """How the bundled checkpoint is trained."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    condition: Literal["tile", "lineart"] = Field(
        "tile",
        description="what the ControlNet is given: the photograph (tile; all networks are trained), or its line "
        "art (lineart; the ControlNet alone is trained)",
    )
    steps: int = Field(gt=0, description="optimisation steps")
    batch: int = Field(
        8,
        gt=0,
        multiple_of=2,
        description="crops of a step, an even number: half are twins of the other half",
    )
    size: int = Field(
        128, ge=64, multiple_of=16, description="side of the crops in pixels, a multiple of 16, at least 64"
    )
    rate: float = Field(1e-3, gt=0, description="learning rate after warm-up")
    warmup: int = Field(150, ge=0, description="steps in which the learning rate rises from zero")
    decay: float = Field(
        0.998, gt=0, lt=1, description="decay of the moving average of the weights, between 0 and 1"
    )
    real_share: float = Field(
        0.35, ge=0, le=1, description="share of crops cut from real frames, 0 to 1; the others are rendered"
    )
    control_drop: float = Field(
        0.05, ge=0, le=1, description="share of samples trained without the ControlNet, 0 to 1"
    )
    caption_drop: float = Field(
        0.1, ge=0, le=1, description="share of samples trained without a caption, 0 to 1"
    )
    first_share: float = Field(
        0.85,
        gt=0,
        le=1,
        description="share of samples at the noisiest timestep, where runs begin, until `later_from`; 0 to 1",
    )
    later_from: float = Field(
        0.6,
        ge=0,
        le=1,
        description="share of the training after which only half of the samples are at the noisiest timestep, 0 "
        "to 1",
    )
    own_share: float = Field(
        0.5,
        ge=0,
        le=1,
        description="share of samples at later timesteps that start from the model's own first prediction, 0 to 1",
    )
    edge_weight: float = Field(
        0.7,
        ge=0,
        description="weight, at the end, of the absolute error of differences between neighbouring pixels; it "
        "rises from zero",
    )
    edges_from: float = Field(
        0.0,
        ge=0,
        le=1,
        description="share of `edge_weight` and `step_weight` that the training begins with, 0 to 1; above 0 only "
        "for networks that draw already",
    )
    step_weight: float = Field(
        0.0,
        ge=0,
        description="weight, at the end, of the difference in how many places a tone changes: it makes one step of "
        "a ramp; it rises with `edge_weight`",
    )
    critic_weight: float = Field(
        0.0,
        ge=0,
        description="weight of a small network that learns beside the model to tell its drawings from true ones; "
        "only for networks that draw already",
    )
    dark_share: float = Field(
        0.0, ge=0, le=1, description="share of crops that are shown as if taken in the dark, 0 to 1"
    )
    moved_share: float = Field(
        0.0, ge=0, le=1, description="share of crops that are shown blurred by movement, 0 to 1"
    )
    twin_weight: float = Field(
        1.0, ge=0, description="weight of the difference between the drawings of twins"
    )
    ready: float = Field(
        1.0,
        gt=0,
        le=1,
        description="share of the pairs that the first step may use, above 0 to 1, while others are still being "
        "made",
    )
    ready_by: float = Field(
        0.5, gt=0, le=1, description="share of the training by which all pairs are made, above 0 to 1"
    )
    seed: int = Field(
        0, ge=0, description="decides crops, noise and timesteps; the same seed repeats a training"
    )
    device: str = Field("cpu", description="cpu, cuda or mps")
    threads: int = Field(1, gt=0, description="processor threads to use")
    checkpoint_every: int = Field(250, gt=0, description="steps between two saved states to resume from")
    sheet_every: int = Field(500, gt=0, description="steps between two sheets of samples")

    def first_share_at(self, done: float) -> float:
        """The share of samples at the noisiest timestep when the share `done` of the training is over."""
        return self.first_share if done < self.later_from else 0.5

    def edges_at(self, done: float) -> float:
        """The share of `edge_weight` and `step_weight` when the share `done` of the training is over."""
        return self.edges_from + (1 - self.edges_from) * done

    def ready_share(self, step: int) -> float:
        """The share of the pairs that a step may use: it grows evenly from `ready` to all of them."""
        return min(1.0, self.ready + (1 - self.ready) * step / (self.ready_by * self.steps))

    @classmethod
    def read(cls, path: Path) -> BaseRecipe:
        """The recipe of a TOML file.

        Raises:
            UsageError: no such file, not TOML, or a key or value that is not valid.
        """
        table = read_recipe_table(path)
        try:
            return cls(**table)
        except ValidationError as error:
            raise UsageError(explain(error), where=path) from error
