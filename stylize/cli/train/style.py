"""`stylize train style`: from a folder of drawings to a style pack."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from stylize.cli.model_options import ModelOptions, Spelling
from stylize.cli.terminal import Terminal
from stylize.cli.train.learning import learn
from stylize.cli.train.parts import progress_bar
from stylize.config.packs.install import check_style_name, install_pack
from stylize.errors import UsageError
from training.lora.recipe import PackInfo, StyleRecipe

LEARNT, DRAWINGS, PACK = "What is learnt", "Drawings", "Style pack"
RECIPE = ModelOptions(
    StyleRecipe,
    {
        LEARNT: ("name", "kind", "trigger", "base", "model", "control"),
        DRAWINGS: ("caption", "captions", "captioner", "sources", "resolution", "short_side", "flips"),
        "LoRA": ("rank", "alpha", "targets", "dropout", "text_rank"),
        "Training": (
            *("steps", "batch", "accumulate", "rate", "warmup", "weight_decay", "clip", "ema", "seed"),
            *("keep_every", "sheet_every", "validation"),
        ),
        "Loss": ("loss", "detail", "flat", "texture", "soft", "min_snr", "offset_noise", "prior"),
        "Machine": ("device", "precision", "weights", "gradient_checkpointing", "threads"),
    },
    dict,
    {
        "name": Spelling(metavar="NAME"),
        "kind": Spelling(takes=Literal["style", "subject"]),
        "trigger": Spelling(metavar="WORD"),
        "base": Spelling(metavar="STYLE"),
        "model": Spelling(metavar="MODEL"),
        "caption": Spelling("--caption-form", "FORM"),
        "captions": Spelling("--caption"),
        "captioner": Spelling(metavar="MODEL"),
        "targets": Spelling("--target", "LAYERS"),
        "device": Spelling(metavar="DEVICE"),
        "validation": Spelling(metavar="PLACE"),
    },
)
Install = Annotated[
    bool, typer.Option("--install", help="install the style when it is trained", rich_help_panel=PACK)
]
PACK_FIELDS = ModelOptions(PackInfo, {PACK: ("title", "description", "licence", "author")}, dict)


def style(
    terminal: Terminal,
    *,
    pictures: Annotated[
        Path | None,
        typer.Argument(
            metavar="DRAWINGS", help="a folder of drawings, or a film to take stills of", show_default=False
        ),
    ] = None,
    recipe: Annotated[
        Path | None,
        typer.Option(
            "--recipe", metavar="FILE", help="a TOML file with any of these settings", rich_help_panel=LEARNT
        ),
    ] = None,
    flags: Annotated[dict[str, Any], RECIPE],
    pack: Annotated[dict[str, Any], PACK_FIELDS],
    out: Annotated[
        Path | None,
        typer.Option(
            *("-o", "--out", "--output"),
            metavar="FOLDER",
            help="for the pack, state, sheets and log; by default NAME.training",
            rich_help_panel=PACK,
        ),
    ] = None,
    install: Install = False,
) -> None:
    """Train a style on drawings: some forty of them, six to thirteen minutes on two processor cores.

    Beside a drawing portrait.png there may be portrait.txt, what it shows, and portrait.source.png, the photograph
    that it was drawn over. A training that was stopped goes on when the same command is given again.
    """
    if pictures is not None:
        flags["drawings"] = pictures
    plan = _read(recipe, flags, pack)
    if install:
        check_style_name(plan.name, plan.drawings)
    place = out or Path(f"{plan.name}.training")
    plan = _with_stills(plan, place, terminal)
    trained = learn(plan, place, terminal)
    if not trained.is_main:
        return
    called = str(trained.folder)
    if install:
        called = install_pack(trained.folder, overwrite=True).name
    words = f"{trained.steps} steps on {trained.drawings} drawings, {trained.weights_bytes / 1e6:.1f} MB"
    terminal.answer(
        {"event": "trained", "pack": str(trained.folder), "style": called, "bytes": trained.weights_bytes},
        f"{trained.folder}: {words}\ndraw with it: stylize run CLIP --style {called}",
    )


def _read(file: Path | None, flags: dict[str, Any], pack: dict[str, Any]) -> StyleRecipe:
    """The recipe of the flags, over that of a file if there is one."""
    if file is not None:
        plan = StyleRecipe.read(file, **flags)
        return plan.model_copy(update={"pack": plan.pack.model_copy(update=pack)})
    for key, word in (("drawings", "DRAWINGS"), ("name", "--name")):
        if key not in flags:
            raise UsageError(f"{word} is missing.", hint="stylize train style DRAWINGS --name NAME")
    return StyleRecipe.of(**flags, pack=pack)


def _with_stills(plan: StyleRecipe, place: Path, terminal: Terminal) -> StyleRecipe:
    """A film in place of a folder of drawings gives its sharpest stills, once."""
    if not plan.drawings.is_file():
        return plan
    from training.dataset.stills import take_stills

    stills = place / "stills"
    if stills.is_dir():
        take_stills(plan.drawings, stills)
    else:
        with progress_bar(terminal, "taking stills", None) as show:
            take_stills(plan.drawings, stills, show)
    return plan.model_copy(update={"drawings": stills})
