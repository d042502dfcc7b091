"""Everything that decides how a plate is drawn, with nothing left open."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from stylize.config.settings import Repair
from stylize.config.style import Control, Faces, Finish, Lora, NoiseKind, SchedulerName, Sigmas, Spacing
from stylize.footage.cadence import Cadence, HoldMode


class ResolvedConfig(BaseModel):
    """Everything that decides how a plate is drawn. Nothing in it is left open.

    `checkpoint` is a folder, a file or a hub id, for the edge runtime an export's folder, and for `live` that of a
    live model; `window` and `overlap` are frames of a shot that a video model draws together, None for models that
    draw frame by frame; `loras`, `vae`, `references` and `embeddings` name files, folders or hub ids, `ip_adapter`
    and `transformer` files, and `image_encoder` a folder; `size` is the short side while drawing, px, and `most_px`
    a bound on the whole picture; `device` and `precision` are what
    'auto' came to: of the edge runtime, the engine and the export's target; of a live model, the engine and `float`
    or `int8`; `attend` is the drawing of a shot that all others look at; `fit` is how a pipeline fits the GPU where
    it does not as a whole, and `vae_pieces` how its autoencoder does; `more_devices` draw beside the first one;
    `enlarge` is how drawings come to the clip's size: `edges`, `net` or the folder of a network; `faces` says which
    faces are drawn again for themselves, None where none are looked for; `terms` are the licence that the style
    states, and what it was trained on; `blends` says that the strength is how far
    along the way from plate to drawing the result lies, and not how much noise there is to begin with.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    style: str
    checkpoint: str
    prompt: str
    negative_prompt: str
    strength: float
    guidance: float
    steps: int
    clip_skip: int
    scheduler: SchedulerName | None
    noise: NoiseKind
    size: int
    controls: tuple[Control, ...]
    loras: tuple[Lora, ...]
    finish: Finish
    seed: int
    deflicker: float
    repair: Repair
    cadence: Cadence
    hold: HoldMode
    batch: int
    device: str
    precision: str
    offline: bool
    annotators: Path | None = None
    most_px: int | None = None
    vae: str | None = None
    embeddings: tuple[str, ...] = ()
    spacing: Spacing | None = None
    sigmas: Sigmas | None = None
    references: tuple[str, ...] = ()
    ip_adapter: str | None = None
    ip_adapter_weight: float | None = None
    image_encoder: str | None = None
    transformer: str | None = None
    window: int | None = None
    overlap: int | None = None
    attend: Literal["first"] | None = None
    fit: Literal["offload", "fp8", "fp8-offload"] | None = None
    vae_pieces: Literal["slices", "tiles"] | None = None
    more_devices: tuple[str, ...] = ()
    runtime: Literal["torch", "edge", "live"] = "torch"
    enlarge: str = "edges"
    faces: Faces | None = None
    blends: bool = False
    terms: str = ""
