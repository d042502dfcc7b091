"""The flags of `stylize run`, grouped as its help shows them.

A flag of a setting bears the setting's name and is None where it is not given, so that the environment,
the settings files and the style can speak. Its help is the setting's own description: `stylize.config.settings`
is not imported for it, because `--help` should not wait for that; a test holds the two together.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

LOOK, MODEL, FOOTAGE, RUN, OUTPUT = "Look", "Model", "Footage", "Run", "Output"


def _flag(panel: str, *names: str, help: str, metavar: str | None = None) -> Any:
    return typer.Option(*names, help=help, metavar=metavar, rich_help_panel=panel, show_default=False)


ClipArgument = Annotated[
    Path, typer.Argument(metavar="CLIP", help="a film file, or an image sequence: shot.%06d.png")
]

OptionalClip = Annotated[
    Path | None,
    typer.Argument(
        metavar="CLIP",
        help="a film file, or an image sequence: shot.%06d.png; none with --jobs",
        show_default=False,
    ),
]

Style = Annotated[
    str | None, _flag(LOOK, "--style", help="a style's name or path; several stack: ink+night:0.5")
]
Prompt = Annotated[str | None, _flag(LOOK, "--prompt", help="in place of the style's prompt")]
NegativePrompt = Annotated[
    str | None, _flag(LOOK, "--negative-prompt", help="in place of the style's negative prompt")
]
Strength = Annotated[float | None, _flag(LOOK, "--strength", help="how far from the source: 0 to 1")]
Guidance = Annotated[float | None, _flag(LOOK, "--guidance", help="weight of the prompt; 1 is off")]
Noise = Annotated[
    Literal["fixed", "per-frame", "source"] | None,
    _flag(LOOK, "--noise", help="one noise a shot, one a frame, or the source's own"),
]
Steady = Annotated[float | None, _flag(LOOK, "--steady", help="how strongly flicker is removed; 0 is off")]
Repair = Annotated[
    Literal["auto", "report", "off"] | None,
    _flag(LOOK, "--repair", help="draw frames that pop again, only list them, or do not look"),
]
Seed = Annotated[int | None, _flag(LOOK, "--seed", help="another number draws other details")]
StylesDirs = Annotated[
    list[Path] | None,
    _flag(LOOK, "--styles-dir", help="more folders of style packs (repeatable)", metavar="DIR"),
]

Model = Annotated[
    str | None, _flag(MODEL, "--model", help="checkpoint: hub id, diffusers folder or .safetensors")
]
Annotators = Annotated[
    Path | None,
    _flag(
        MODEL,
        "--annotators",
        help="a folder with the weights of the annotators; else the hub's",
        metavar="DIR",
    ),
]
Controls = Annotated[
    list[str] | None,
    _flag(
        MODEL,
        "--control",
        help="a ControlNet in place of the style's (repeatable); none drops them",
        metavar="NAME[:WEIGHT]",
    ),
]
Loras = Annotated[
    list[str] | None,
    _flag(
        MODEL,
        "--lora",
        help="a LoRA in place of the style's (repeatable); none drops them",
        metavar="FILE[:WEIGHT]",
    ),
]
Steps = Annotated[int | None, _flag(MODEL, "--steps", help="denoising steps at strength 1")]
Scheduler = Annotated[
    Literal["ddim", "lcm", "euler", "euler-a", "dpm++", "unipc"] | None,
    _flag(MODEL, "--scheduler", help="sampler"),
]
Size = Annotated[int | None, _flag(MODEL, "--size", help="short side while drawing, px")]
Runtime = Annotated[
    Literal["torch", "edge", "auto"] | None,
    _flag(
        MODEL, "--runtime", help="draw with torch, with an export, or with the fastest that passes its gate"
    ),
]
Device = Annotated[str | None, _flag(MODEL, "--device", help="auto, cpu, cuda, cuda:1, mps")]
Precision = Annotated[
    Literal["auto", "fp32", "bf16", "fp16"] | None, _flag(MODEL, "--precision", help="of the networks")
]
Batch = Annotated[int | None, _flag(MODEL, "--batch", help="frames drawn at once")]
Offline = Annotated[
    bool | None,
    _flag(MODEL, "--offline/--no-offline", help="never touch the network, even for a hub id"),
]

Cadence = Annotated[
    Literal["ones", "twos", "threes", "auto"] | None,
    _flag(FOOTAGE, "--cadence", help="a new drawing for each frame, each second or third one, or by motion"),
]
Hold = Annotated[
    Literal["step", "glide"] | None,
    _flag(FOOTAGE, "--hold", help="between drawings stand still, or glide along with the source"),
]
Start = Annotated[
    str | None,
    _flag(FOOTAGE, "--start", help="first moment: 12.5, 00:01:02.5 or 120f", metavar="TIME"),
]
End = Annotated[str | None, _flag(FOOTAGE, "--end", help="last moment, not included", metavar="TIME")]
Comp = Annotated[
    Path | None,
    _flag(
        FOOTAGE,
        "--comp",
        help="a scene file: key the plate and set it before a backdrop",
        metavar="SCENE.toml",
    ),
]
Shots = Annotated[
    Path | None,
    _flag(FOOTAGE, "--shots", help="a shot list (CSV) in place of the cuts found", metavar="FILE"),
]
Rate = Annotated[str | None, _flag(FOOTAGE, "--rate", help="frames a second of an image sequence")]

Preview = Annotated[
    str | None,
    _flag(RUN, "--preview", help="draw the frame at this moment only, beside its source", metavar="TIME"),
]
PreviewFilm = Annotated[
    bool,
    _flag(RUN, "--preview-film", help="a quick draft of the whole film: one step, half the size, no repair"),
]
DryRun = Annotated[
    bool, _flag(RUN, "--dry-run", help="say what would run and what it costs, and draw nothing")
]
Resume = Annotated[
    bool, _flag(RUN, "--resume/--no-resume", help="take up the frames that earlier runs finished")
]
WorkDir = Annotated[
    str | None,
    _flag(RUN, "--work-dir", help="where unfinished frames lie meanwhile: a folder or a URL", metavar="DIR"),
]
Jobs = Annotated[
    Path | None, _flag(RUN, "--jobs", help="run a list of jobs in place of a clip", metavar="JOBS.toml")
]
KeepGoing = Annotated[bool, _flag(RUN, "--keep-going", help="when a job fails, go on with the next one")]
Keep = Annotated[bool, _flag(RUN, "--keep", help="keep the frames of every pass when the film is done")]

Out = Annotated[
    Path | None,
    _flag(OUTPUT, "-o", "--output", help="the film; by default CLIP.STYLE.mp4 in this folder", metavar="OUT"),
]
Overwrite = Annotated[bool, _flag(OUTPUT, "-y", "--overwrite", help="replace what the output's name holds")]
Format = Annotated[
    Literal["mp4", "prores", "png", "png16", "exr"] | None,
    _flag(OUTPUT, "--format", help="of the film; by default what the output's name says"),
]
Foreground = Annotated[
    Path | None,
    _flag(
        OUTPUT,
        "--foreground",
        help="with --comp, also the drawn subject with its alpha: .mov, .png or .exr",
        metavar="OUT",
    ),
]
Alpha = Annotated[
    Literal["straight", "premultiplied"] | None,
    _flag(
        OUTPUT,
        "--alpha",
        help="of the foreground's colours; by default straight, and premultiplied in EXR",
    ),
]
Audio = Annotated[bool | None, _flag(OUTPUT, "--audio/--no-audio", help="copy the source's sound")]

TERMINAL = "Terminal"
# `main` looks for --json and --debug before Typer does, so that they hold for errors in the words as well.
Json = Annotated[bool, _flag(TERMINAL, "--json", help="one JSON object a line on stdout, for a machine")]
Quiet = Annotated[bool, _flag(TERMINAL, "-q", "--quiet", help="say nothing but errors")]
Verbose = Annotated[
    int,
    typer.Option(
        "-v",
        "--verbose",
        count=True,
        help="say more; -vv says everything",
        rich_help_panel=TERMINAL,
        show_default=False,
    ),
]
NoProgress = Annotated[bool, _flag(TERMINAL, "--no-progress", help="no progress bars or lines")]
LogFile = Annotated[Path | None, _flag(TERMINAL, "--log-file", help="write a full log here", metavar="FILE")]
Debug = Annotated[bool, _flag(TERMINAL, "--debug", help="show a traceback with an error")]
