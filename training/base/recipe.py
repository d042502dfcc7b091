"""One TOML file that repeats a training."""

from __future__ import annotations

import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field


class Recipe(BaseModel):
    """How the bundled checkpoint is trained."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    steps: int = Field(gt=0)
    batch: int = Field(8, gt=0)
    size: int = Field(128, multiple_of=16, description="side of the crops, px")
    rate: float = Field(1e-3, gt=0, description="learning rate after warm-up")
    warmup: int = 200
    decay: float = Field(0.999, description="of the moving average of the weights")
    real_share: float = Field(0.5, ge=0, le=1, description="of samples cut from real frames")
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
        1.0, ge=0, description="of the loss on differences between neighbours, at the end; it rises from zero"
    )
    seed: int = 0
    threads: int = Field(1, gt=0)
    checkpoint_every: int = 250

    @classmethod
    def read(cls, path: Path) -> Recipe:
        return cls(**tomllib.loads(path.read_text()))
