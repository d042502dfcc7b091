"""One TOML file that repeats a training."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stylize.config.explain import explain
from stylize.errors import UsageError


class Recipe(BaseModel):
    """How the bundled checkpoint is trained."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    condition: Literal["tile", "lineart"] = Field(
        "tile",
        description="what the ControlNet sees; all parts learn with `tile`, with `lineart` the ControlNet alone",
    )
    steps: int = Field(gt=0)
    batch: int = Field(8, gt=0, multiple_of=2, description="samples of a step; half are twins of the others")
    size: int = Field(128, ge=64, multiple_of=16, description="side of the crops, px")
    rate: float = Field(1e-3, gt=0, description="learning rate after warm-up")
    warmup: int = Field(150, ge=0)
    decay: float = Field(0.998, gt=0, lt=1, description="of the moving average of the weights")
    real_share: float = Field(0.35, ge=0, le=1, description="of samples cut from real frames")
    control_drop: float = Field(0.05, ge=0, le=1, description="of samples seen without the ControlNet")
    caption_drop: float = Field(0.1, ge=0, le=1, description="of samples seen without a caption")
    first_share: float = Field(
        0.85,
        gt=0,
        le=1,
        description="of steps at the noisiest timestep, where runs begin, until `later_from`",
    )
    later_from: float = Field(
        0.6, ge=0, le=1, description="share of the training after which half of the steps are later timesteps"
    )
    own_share: float = Field(
        0.5, ge=0, le=1, description="of later steps that start from the model's own first guess"
    )
    edge_weight: float = Field(
        0.7, ge=0, description="of the loss on differences between neighbours, at the end; it rises from zero"
    )
    twin_weight: float = Field(1.0, ge=0, description="of the difference between the drawings of twins")
    ready: float = Field(
        1.0, gt=0, le=1, description="share of the pairs that the first step draws from, while more are made"
    )
    ready_by: float = Field(0.5, gt=0, le=1, description="share of the training by which all pairs are there")
    seed: int = Field(0, ge=0)
    device: str = Field("cpu", description="cpu, cuda, mps")
    threads: int = Field(1, gt=0, description="processors to use")
    checkpoint_every: int = Field(250, gt=0)
    sheet_every: int = Field(500, gt=0)

    def first_share_at(self, along: float) -> float:
        """The share of steps at the noisiest timestep, `along` the training."""
        return self.first_share if along < self.later_from else 0.5

    def ready_share(self, step: int) -> float:
        """The share of the pairs that a step draws from: it grows evenly from `ready` to all of them."""
        return min(1.0, self.ready + (1 - self.ready) * step / (self.ready_by * self.steps))

    @classmethod
    def read(cls, path: Path) -> Recipe:
        """Raises UsageError: no such file, not TOML, or a key or value that cannot be meant."""
        try:
            return cls(**tomllib.loads(path.read_text(encoding="utf-8")))
        except ValidationError as error:
            raise UsageError(explain(error), where=path) from error
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError("This recipe cannot be read.", where=path, hint=str(error)) from error
        except tomllib.TOMLDecodeError as error:
            raise UsageError(f"This recipe is not TOML: {error}.", where=path) from error
