"""The options of commands that draw, or prepare or follow a drawing: settings of a run, and how it is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from stylize.cli.model_options import NO_SPELLINGS, ModelOptions, Spelling
from stylize.cli.weighted_names import read_controls, read_loras
from stylize.config.read_settings import read_settings
from stylize.config.settings import RunSettings

RUN, OUTPUT = "Run", "Output"

SPELLINGS = {
    "style": Spelling(metavar="NAME"),
    "model": Spelling(metavar="MODEL"),
    "prompt": Spelling(metavar="TEXT"),
    "negative_prompt": Spelling(metavar="TEXT"),
    "deflicker": Spelling(old=("--steady",)),
    "controls": Spelling(
        "--control", "NAME[:WEIGHT]", takes=list[str], read=read_controls, more="; none: without any"
    ),
    "loras": Spelling(
        "--lora", "FILE[:WEIGHT]", takes=list[str], read=read_loras, more="; none: without any"
    ),
    "annotators": Spelling(metavar="DIR"),
    "vae": Spelling(metavar="MODEL"),
    "embeddings": Spelling("--embedding", "FILE"),
    "vram": Spelling(metavar="GIB"),
    "references": Spelling("--reference", "FILE"),
    "enlarge": Spelling(metavar="edges|net|DIR"),
    "faces": Spelling(metavar="auto|off", takes=str),
    "face_model": Spelling(metavar="FILE"),
    "ip_adapter": Spelling(metavar="FILE"),
    "image_encoder": Spelling(metavar="DIR"),
    "transformer": Spelling(metavar="FILE"),
    "device": Spelling(metavar="DEVICE"),
    "styles_dirs": Spelling("--styles-dir", "DIR"),
    "comp": Spelling(metavar="SCENE.toml"),
    "foreground": Spelling(metavar="OUT"),
    "keyframes": Spelling(metavar="DIR"),
    "keys": Spelling(metavar="auto|N", takes=str),
    "key_model": Spelling(metavar="MODEL"),
    "shots": Spelling(metavar="FILE"),
    "start": Spelling(metavar="TIME"),
    "end": Spelling(metavar="TIME"),
    "rate": Spelling(metavar="FPS"),
}
PANELS = {
    OUTPUT: ("format", "audio", "foreground", "alpha"),
    "Style": (
        "style",
        "prompt",
        "negative_prompt",
        "strength",
        "guidance",
        "noise",
        "attend",
        "seed",
        "styles_dirs",
    ),
    "Frames": (
        "keyframes",
        "open_parts",
        "keys",
        "key_model",
        "deflicker",
        "repair",
        "cadence",
        "hold",
        "faces",
        "face_model",
    ),
    "Model": (
        *("model", "controls", "loras", "vae", "transformer", "embeddings", "clip_skip", "annotators"),
        *("references", "ip_adapter", "ip_adapter_weight", "image_encoder"),
        *("quality", "size", "enlarge", "steps", "scheduler", "spacing", "sigmas"),
        *("runtime", "device", "precision", "batch", "vram", "window", "overlap", "offline"),
    ),
    "Footage": ("start", "end", "comp", "shots", "rate"),
}
"""Every setting of a run, as the help of `stylize run` groups them."""


def settings_options(
    *names: str, build: Callable[..., Any] = read_settings, spellings: Mapping[str, Spelling] = NO_SPELLINGS
) -> ModelOptions:
    """Options for some settings of a run, in the panels of `stylize run`.

    Args:
        build: makes the command's value; by default the settings, with everything that the flags come before.
        spellings: of settings that this command writes otherwise than `stylize run`.
    """
    panels = {panel: [name for name in members if name in names] for panel, members in PANELS.items()}
    shown = {panel: members for panel, members in panels.items() if members}
    return ModelOptions(RunSettings, shown, build, {**SPELLINGS, **spellings})


ALL_SETTINGS = ModelOptions(RunSettings, PANELS, dict, SPELLINGS)
"""Every setting, as a dict of those that are given."""

ClipArgument = Annotated[
    Path,
    typer.Argument(
        metavar="CLIP", help="a film file, or an image sequence: shot.%06d.png", show_default=False
    ),
]
Overwrite = Annotated[
    bool, typer.Option("-y", "--overwrite", help="replace the output if it exists", rich_help_panel=OUTPUT)
]


def run_option(*names: str, help: str, metavar: str | None = None) -> Any:
    """An option in the panel `Run`."""
    return typer.Option(*names, help=help, metavar=metavar, rich_help_panel=RUN, show_default=False)


@dataclass(frozen=True)
class RunOptions:
    """How a run is done, whatever it draws."""

    overwrite: Overwrite = False
    resume: Annotated[
        bool, run_option("--resume/--no-resume", help="go on from the frames of earlier runs; default: yes")
    ] = True
    work_dir: Annotated[
        str | None,
        run_option("--work-dir", help="where unfinished frames are kept: a folder or a URL", metavar="DIR"),
    ] = None
    keep: Annotated[
        bool, run_option("--keep", help="keep the frames of every pass when the film is done")
    ] = False
    report: Annotated[
        bool,
        typer.Option(
            "--report/--no-report",
            help="write OUT.report.html beside the film, a page to look at; default: yes",
            rich_help_panel=OUTPUT,
            show_default=False,
        ),
    ] = True
