"""The settings of a live training."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stylize.config.explain import explain
from stylize.errors import UsageError

TrainedNetwork = Literal["s", "m", "l", "x2"]
"""A live network by its size, or the one that enlarges drawings."""


class LiveRecipe(BaseModel):
    """How a live model is trained. The descriptions are the help of the command line's options."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    network: TrainedNetwork = Field(
        "m", description="size of the network: small, medium or large; or x2, which enlarges drawings"
    )
    steps: int = Field(6000, gt=0, description="optimisation steps")
    minutes: float | None = Field(
        None,
        gt=0,
        description="stop after this time of training if the steps take longer; the result then depends on the "
        "machine's speed",
    )
    batch: int = Field(
        8, gt=1, description="crops of a step; every third is followed by the same crop a frame later"
    )
    crop: int = Field(160, ge=64, multiple_of=16, description="side of the crops, px")
    rate: float = Field(2e-3, gt=0, description="learning rate after warm-up")
    warmup: int = Field(100, ge=0, description="steps in which the learning rate rises from zero")
    fall: float = Field(
        0.4, ge=0, le=1, description="last share of the training, in which the rate falls to zero"
    )
    decay: float = Field(0.998, gt=0, lt=1, description="of the moving average of the weights")
    clip: float = Field(0.5, gt=0, description="largest norm of a step's gradient")
    smallest: float = Field(0.5, gt=0, le=1, description="smallest scale at which a picture is shown")
    largest: float = Field(1.25, ge=1, le=2, description="largest scale at which a picture is shown")
    rendered_share: float = Field(0.3, ge=0, le=1, description="share of the crops cut from rendered scenes")
    edges: float = Field(3.0, ge=0, description="weight of differences between neighbouring pixels")
    texture: float = Field(0.5, ge=0, description="weight of how much line and speck there is around a place")
    temporal: float = Field(
        1.0, ge=0, description="weight of what changes from frame to frame but for the source's own motion"
    )
    seed: int = Field(0, ge=0, description="decides the crops")
    threads: int = Field(1, gt=0, description="processor threads to use")
    device: str = Field("cpu", description="cpu, cuda or mps")
    keep_every: int = Field(250, gt=0, description="steps between two saved states")
    sheet_every: int = Field(500, gt=0, description="steps between two sheets")

    @classmethod
    def of(cls, **values: object) -> LiveRecipe:
        """A recipe of these settings.

        Raises:
            UsageError: a value that a setting cannot have.
        """
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise UsageError(explain(error)) from error

    def rate_at(self, done: float, step: int) -> float:
        """The learning rate when the share `done` of the training is over: level, then falling to zero."""
        warm = min(1.0, (step + 1) / self.warmup) if self.warmup else 1.0
        left = (1 - done) / self.fall if self.fall else 1.0
        return self.rate * warm * max(0.0, min(1.0, left))


class PaintedRecipe(LiveRecipe):
    """How a live model is trained on a few painted frames: it begins from one that can draw, and there is less to
    learn."""

    steps: int = Field(600, gt=0, description="optimisation steps")
    batch: int = Field(6, gt=1, description=LiveRecipe.model_fields["batch"].description)
    crop: int = Field(128, ge=64, multiple_of=16, description=LiveRecipe.model_fields["crop"].description)
    rate: float = Field(1e-3, gt=0, description="learning rate after warm-up")
    warmup: int = Field(20, ge=0, description=LiveRecipe.model_fields["warmup"].description)
    decay: float = Field(0.98, gt=0, lt=1, description=LiveRecipe.model_fields["decay"].description)
    rendered_share: float = Field(0.0, ge=0, le=0)
    keep_every: int = Field(50, gt=0, description=LiveRecipe.model_fields["keep_every"].description)
    sheet_every: int = Field(200, gt=0, description=LiveRecipe.model_fields["sheet_every"].description)


STATE_FILE = "state.pt"
PAIRS_FOLDER, SHEETS_FOLDER = "pairs", "sheets"
"""Of a training: what it learns from, and pictures of how it draws."""


def pairs_folder(out: Path) -> Path:
    """Where the pairs of a training lie."""
    return out / PAIRS_FOLDER
