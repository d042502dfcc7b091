"""What a run is asked to do. Constructing these settings reads nothing: see `read_settings` for the files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, field_validator

from stylize.config.style import Control, Faces, Lora, NoiseKind, SchedulerName, Sigmas, Spacing
from stylize.footage.cadence import Cadence, HoldMode

Repair = Literal["auto", "report", "off"]
OpenParts = Literal["learn", "draw"]


class RunSettings(BaseModel):
    """Every setting of a run. A setting that is None is taken from the style, then from the checkpoint.

    The descriptions are the help of the command line's options.

    Raises:
        pydantic.ValidationError: a value that a setting cannot have, or a setting that does not exist.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, protected_namespaces=())

    _from_files: frozenset[str] = PrivateAttr(frozenset())

    style: str = Field("anime", description="a style's name or path; several stack: ink+night:0.5")
    model: str | None = Field(
        None,
        description="checkpoint: hub id, diffusers folder or .safetensors; or live, live-s, live-m, live-l: a live "
        "model of the style",
    )
    prompt: str | None = Field(None, description="in place of the style's prompt")
    negative_prompt: str | None = Field(None, description="in place of the style's negative prompt")
    strength: float | None = Field(
        None, gt=0, le=1, description="how far the drawing departs from the source"
    )
    guidance: float | None = Field(None, ge=1, le=30, description="weight of the prompt; 1 is off")
    steps: int | None = Field(None, ge=1, le=200, description="denoising steps at strength 1")
    scheduler: SchedulerName | None = Field(None, description="sampler")
    spacing: Spacing | None = Field(
        None,
        description="which timesteps a run visits; trailing for Lightning and Hyper, and zero terminal SNR",
    )
    sigmas: Sigmas | None = Field(None, description="noise levels of a run, of samplers that can choose them")
    noise: NoiseKind | None = Field(
        None, description="the same noise for a shot, other noise for each frame, or inverted from the source"
    )
    attend: Literal["none", "first"] | None = Field(
        None,
        description="which drawing of a shot all others look at, to keep its colours: its first, or none",
    )
    quality: Literal["draft", "standard", "fine"] = Field(
        "standard",
        description="draft: by the style's live model, or at half the size; fine: at the clip's own size, which "
        "takes as much longer as it has more pixels",
    )
    size: int | None = Field(
        None, ge=64, le=4096, description="short side while drawing, px, in place of the quality's"
    )
    controls: tuple[Control, ...] | None = Field(None, description="ControlNets in place of the style's")
    loras: tuple[Lora, ...] | None = Field(None, description="LoRAs in place of the style's")
    vae: str | None = Field(
        None, description="an autoencoder in place of the checkpoint's: hub id, folder or .safetensors"
    )
    embeddings: tuple[Path, ...] | None = Field(
        None, description="a learned word (textual inversion): a .safetensors file whose name is the word"
    )
    references: tuple[Path, ...] | None = Field(
        None, description="a picture that the model is shown beside the frames: a hero, a background"
    )
    ip_adapter: Path | None = Field(
        None,
        description="with Stable Diffusion, what looks at the references: an IP-Adapter, a .safetensors file",
    )
    ip_adapter_weight: float | None = Field(
        None, ge=0, le=2, description="how strongly references count with an IP-Adapter; by default 0.6"
    )
    image_encoder: Path | None = Field(
        None,
        description="the folder of an IP-Adapter's image encoder; by default image_encoder/ near the adapter",
    )
    transformer: Path | None = Field(
        None,
        description="weights in place of the transformer of a model's folder: one .safetensors or .gguf file",
    )
    window: int | None = Field(
        None, ge=1, le=257, description="frames that a video model draws together: 4k+1; default: the model's"
    )
    overlap: int | None = Field(
        None,
        ge=0,
        le=128,
        description="frames that a video model draws again with the next ones, to fade over",
    )
    clip_skip: int | None = Field(
        None,
        ge=0,
        le=4,
        description="last layers of the text encoder to leave out; web UIs count one more: their 2 is 1 here",
    )
    annotators: Path | None = Field(
        None, description="a folder with the weights of the annotators; by default the hub's"
    )
    seed: int = Field(0, ge=0, lt=2**32, description="another number draws other details")
    runtime: Literal["torch", "edge", "auto"] = Field(
        "auto",
        description="draw with torch, with an export, or with the fastest of them that is good enough",
    )
    device: str = Field(
        "auto", description="auto, cpu, cuda, cuda:1, mps; cuda:0,cuda:1 or cuda:all: several, side by side"
    )
    precision: Literal["auto", "fp32", "bf16", "fp16"] = Field("auto", description="of the networks")
    batch: int | None = Field(None, ge=1, le=256, description="frames drawn at once")
    vram: float | None = Field(
        None,
        gt=0,
        le=4096,
        description="GiB of GPU memory that may be used, by frames at once, tiles, parts that take turns and eight "
        "bits; default: what the GPU has",
    )
    deflicker: float = Field(1.0, ge=0, le=1, description="how strongly flicker is removed; 0 is off")
    repair: Repair = Field(
        "auto", description="frames that differ from their neighbours: draw again, only list, or do not look"
    )
    faces: Literal["auto", "off"] | Faces = Field(
        "auto",
        description="draw small faces again, larger, and lay them in: where there are such, or not at all",
    )
    face_model: Path | None = Field(
        None, description="what finds faces, in place of the detector that comes along: YuNet's .onnx file"
    )
    enlarge: str | None = Field(
        None,
        description="how drawings come to the clip's size: edges, along the source's edges; net, by a small "
        "network; or the folder of a network of your own; default: edges",
    )
    cadence: Cadence | None = Field(
        None, description="a new drawing for every frame, every second or third one, or by motion"
    )
    hold: HoldMode | None = Field(
        None, description="between drawings show the last one, or move it along with the source"
    )
    comp: Path | None = Field(None, description="a scene file: key the plate and merge it with a backdrop")
    foreground: Path | None = Field(
        None, description="with --comp, also the drawn subject with its alpha: .mov, .png or .exr"
    )
    alpha: Literal["straight", "premultiplied"] | None = Field(
        None, description="of the foreground's colours; by default straight, and premultiplied in EXR"
    )
    keyframes: Path | None = Field(
        None, description="a folder of painted frames, named by frame or time, that the shots follow"
    )
    open_parts: OpenParts = Field(
        "learn",
        description="what no painted key shows: learn it from the keys, or let the model draw it",
    )
    keys: Literal["auto"] | Annotated[int, Field(ge=1)] | None = Field(
        None, description="draw only so many frames of each shot, and carry them along with the source"
    )
    key_model: str | None = Field(
        None, description="with a video model, an image model that draws --keys; every window is shown them"
    )
    shots: Path | None = Field(None, description="a shot list (CSV) in place of the cuts found")
    start: str | None = Field(None, description="first moment: 12.5, 00:01:02.5 or 120f")
    end: str | None = Field(None, description="last moment, not included")
    format: Literal["mp4", "prores", "png", "png16", "exr"] | None = Field(
        None, description="of the film; by default what the output's name says"
    )
    audio: bool = Field(True, description="copy the source's sound")
    rate: str = Field("24", description="frames a second of an image sequence")
    offline: bool = Field(False, description="never use the network, not even for a hub id")
    styles_dirs: tuple[Path, ...] = Field((), description="more folders of style packs")

    @field_validator("faces", mode="before")
    @classmethod
    def _one_of_them(cls, value: object) -> object:
        if isinstance(value, str) and value not in ("auto", "off"):
            raise ValueError("input should be 'auto' or 'off', or a table as [faces] in a style.toml")
        return value

    @property
    def from_files(self) -> frozenset[str]:
        """The settings that come from files which may be a stranger's: a project's stylize.toml, a list of jobs.
        What they name is not fetched from the network: see `stylize.generators.fetching`."""
        return self._from_files
