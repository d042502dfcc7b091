"""`stylize train pairs-style`: from a few painted frames of a clip to a style pack."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from stylize import footage
from stylize.cli.model_options import ModelOptions, Spelling
from stylize.cli.terminal import Terminal
from stylize.cli.train.live_steps import run_training
from stylize.cli.train.parts import progress_bar, training_packages
from stylize.cli.train.style import PACK, PACK_FIELDS, Install
from stylize.cli.units import spell_bytes
from stylize.config.packs.install import check_style_name, install_pack
from stylize.footage.keyframes.files import find_keys
from stylize.footage.keyframes.resolve import resolve_keys
from stylize.jobs.analysis import shots_of
from training.live.recipe import PaintedRecipe

KEYS = "Painted frames"
RECIPE = ModelOptions(
    PaintedRecipe,
    {
        "Network": ("network",),
        "Training": ("steps", "minutes", "batch", "crop", "rate", "seed"),
        "Loss": ("edges", "texture", "temporal"),
        "Machine": ("threads", "device", "keep_every", "sheet_every"),
    },
    PaintedRecipe.of,
    {"network": Spelling(takes=Literal["s", "m", "l"]), "device": Spelling("--train-on", "DEVICE")},
)


def pairs_style(
    terminal: Terminal,
    *,
    keyframes: Annotated[
        Path,
        typer.Option(
            metavar="DIR",
            help="a folder of painted frames, named by frame or time, as stylize run --keyframes takes",
            rich_help_panel=KEYS,
        ),
    ],
    clip: Annotated[
        Path, typer.Option(metavar="CLIP", help="the clip that they were painted over", rich_help_panel=KEYS)
    ],
    name: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="of the style, used as --style NAME: small letters, digits, dots and dashes",
            rich_help_panel=PACK,
        ),
    ],
    shots: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="a list of the clip's shots in place of those that are found",
            rich_help_panel=KEYS,
        ),
    ] = None,
    recipe: Annotated[PaintedRecipe, RECIPE],
    pack: Annotated[dict[str, Any], PACK_FIELDS],
    out: Annotated[
        Path | None,
        typer.Option(
            *("-o", "--out", "--output"),
            metavar="FOLDER",
            help="for the pairs, the state, the sheets and the pack; by default NAME.training",
            rich_help_panel=PACK,
        ),
    ] = None,
    install: Install = False,
) -> None:
    """Keep the look of painted frames as a style that draws other shots of the same scene.

    A live model learns it from the keys, and from what they show of the frames around them. What is painted should
    follow from what the plate shows: a shot of something that no key shows is drawn as what looks most like it. A
    training that was stopped goes on when the same command is given again.
    """
    with training_packages():
        from training.live.begin import begin_from_plain, bundled_weights
        from training.live.export import LiveFacts
        from training.live.painted import PaintedPairs, write_painted_pairs
        from training.live.painted_pack import check_pack_place, write_painted_pack
        from training.live.pairs import fingerprint_pairs
        from training.live.recipe import pairs_folder
        from training.live.train import LiveTraining
        from training.lora.recipe import PackInfo

    check_style_name(name, keyframes)
    about = PackInfo(**pack)
    plate, place = footage.probe(clip), out or Path(f"{name}.training")
    check_pack_place(place / name)
    painted = find_keys(keyframes, plate)
    every = shots_of(plate, range(plate.frame_count), shots)
    found = [shot for shot in every if any(at in shot for at in painted)]
    keys = resolve_keys(keyframes, plate, found or every)
    with progress_bar(terminal, "carrying", len(keys.files)) as show:
        write_painted_pairs(plate, found, keys, pairs_folder(place), on_written=show)
    pairs = PaintedPairs(pairs_folder(place))
    training = LiveTraining(recipe, place, fingerprint_pairs(pairs_folder(place)))
    start = bundled_weights(recipe.network)
    if start is not None and not training.steps:
        training.begin_with(lambda network: begin_from_plain(network, start))
    network = run_training(training, pairs, terminal)
    teacher = f"{len(keys.files)} painted frames of {clip.name}"
    facts = LiveFacts(
        *(name, recipe.network, teacher, training.steps, pairs.count), licence=about.licence or "not stated"
    )
    made = write_painted_pack(network, facts, pairs, about, place / name)
    called = install_pack(made.folder, overwrite=True).name if install else str(made.folder)
    size = sum(file.stat().st_size for file in made.folder.rglob("*") if file.is_file())
    terminal.answer(
        {"event": "trained", "pack": str(made.folder), "style": called, "steps": training.steps},
        f"{made.folder}: {training.steps} steps on {teacher}, {spell_bytes(size)}\n"
        f"draw with it: stylize run CLIP --style {called}",
    )
