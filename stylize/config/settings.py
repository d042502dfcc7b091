"""What a run is asked to do: flag > STYLIZE_* > stylize.toml > user file > style > default."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Literal

import platformdirs
from pydantic import Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from stylize.config.style import Control, Lora, NoiseKind, SchedulerName, explain
from stylize.errors import UsageError
from stylize.footage.cadence import Cadence, HoldMode

Repair = Literal["auto", "report", "off"]
PROJECT_FILE = Path("stylize.toml")


def user_file() -> Path:
    """The settings that hold for everything this user does."""
    return Path(platformdirs.user_config_dir("stylize")) / "stylize.toml"


class RunSettings(BaseSettings):
    """Every setting of a run. Those left at None come from the style, then from the checkpoint."""

    model_config = SettingsConfigDict(
        env_prefix="STYLIZE_", extra="forbid", frozen=True, protected_namespaces=(), env_ignore_empty=True
    )

    style: str = Field("anime", description="a style's name or path; several stack: ink+night:0.5")
    model: str | None = Field(None, description="checkpoint: hub id, diffusers folder or .safetensors")
    prompt: str | None = Field(None, description="in place of the style's prompt")
    negative_prompt: str | None = Field(None, description="in place of the style's negative prompt")
    strength: float | None = Field(None, gt=0, le=1, description="how far from the source: 0 to 1")
    guidance: float | None = Field(None, ge=1, le=30, description="weight of the prompt; 1 is off")
    steps: int | None = Field(None, ge=1, le=200, description="denoising steps at strength 1")
    scheduler: SchedulerName | None = Field(None, description="sampler")
    noise: NoiseKind | None = Field(None, description="one noise a shot, one a frame, or the source's own")
    size: int | None = Field(None, ge=64, le=4096, description="short side while drawing, px")
    controls: tuple[Control, ...] | None = None
    loras: tuple[Lora, ...] | None = None
    annotators: Path | None = Field(None, description="a folder with the weights of the annotators")
    seed: int = Field(0, ge=0, lt=2**32)
    runtime: Literal["torch", "edge", "auto"] = Field(
        "torch", description="draw with torch, with an export, or with the fastest that passes its gate"
    )
    device: str = Field("auto", description="auto, cpu, cuda, cuda:1, mps")
    precision: Literal["auto", "fp32", "bf16", "fp16"] = Field("auto", description="of the networks")
    batch: int | None = Field(None, ge=1, le=256, description="frames drawn at once")
    steady: float = Field(1.0, ge=0, le=1, description="how strongly flicker is removed; 0 is off")
    repair: Repair = Field("auto", description="draw frames that pop again, only list them, or do not look")
    cadence: Cadence | None = Field(
        None, description="a new drawing for each frame, each second or third one, or by motion"
    )
    hold: HoldMode | None = Field(
        None, description="between drawings stand still, or glide along with the source"
    )
    comp: Path | None = Field(None, description="a scene file: key the plate and set it before a backdrop")
    foreground: Path | None = Field(
        None, description="with --comp, also the drawn subject with its alpha: .mov, .png or .exr"
    )
    alpha: Literal["straight", "premultiplied"] | None = Field(
        None, description="of the foreground's colours; by default straight, and premultiplied in EXR"
    )
    shots: Path | None = Field(None, description="a shot list (CSV) in place of the cuts found")
    start: str | None = Field(None, description="first moment: 12.5, 00:01:02.5 or 120f")
    end: str | None = Field(None, description="last moment, not included")
    format: Literal["mp4", "prores", "png", "png16", "exr"] | None = Field(
        None, description="of the film; by default what the output's name says"
    )
    audio: bool = Field(True, description="copy the source's sound")
    rate: str = Field("24", description="frames a second of an image sequence")
    offline: bool = Field(False, description="never touch the network, even for a hub id")
    styles_dirs: tuple[Path, ...] = Field((), description="more folders of style packs")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (
            init_settings,
            env_settings,
            TomlConfigSettingsSource(settings_cls, PROJECT_FILE),
            TomlConfigSettingsSource(settings_cls, user_file()),
        )


def read_settings(**flags: Any) -> RunSettings:
    """The settings of a run, from the flags given (None means not given) and from everything below them.

    Raises:
        UsageError: a value that cannot be meant, or a key that does not exist.
    """
    try:
        return RunSettings(**{key: value for key, value in flags.items() if value is not None})
    except ValidationError as error:
        raise UsageError(
            explain(error),
            hint="settings come from flags, STYLIZE_* variables, stylize.toml and the user file",
        ) from error
    except SettingsError as error:
        raise UsageError(
            f"A STYLIZE_* variable cannot be read: {error}.", hint="lists are written as JSON"
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"A settings file is not TOML: {error}.", where=PROJECT_FILE) from error
