"""`stylize train live`: a small network that draws in one call what a style's model draws slowly."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from stylize.cli.model_options import ModelOptions, Spelling
from stylize.cli.run_options import settings_options
from stylize.cli.terminal import Terminal
from stylize.cli.train.live_steps import run_training
from stylize.cli.train.parts import progress_bar, training_packages
from stylize.cli.units import spell_bytes
from stylize.config.read_settings import read_settings
from training.live.recipe import LiveRecipe

if TYPE_CHECKING:
    from stylize.config.resolved import ResolvedConfig

TEACHER, PAIRS = "Teacher", "Pairs"
RECIPE = ModelOptions(
    LiveRecipe,
    {
        "Network": ("network",),
        "Training": ("steps", "minutes", "batch", "crop", "rate", "warmup", "fall", "decay", "clip", "seed"),
        PAIRS: ("smallest", "largest", "rendered_share"),
        "Loss": ("edges", "texture", "temporal"),
        "Machine": ("threads", "device", "keep_every", "sheet_every"),
    },
    LiveRecipe.of,
    {"network": Spelling(takes=Literal["s", "m", "l", "x2"]), "device": Spelling("--train-on", "DEVICE")},
)


def live(
    terminal: Terminal,
    *,
    flags: Annotated[dict[str, Any], settings_options("style", "model", "runtime", "size", build=dict)],
    recipe: Annotated[LiveRecipe, RECIPE],
    footage: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help="a clip or picture that the teacher draws (repeatable); photographs that ship with packages are "
            "always among them",
            rich_help_panel=PAIRS,
        ),
    ] = None,
    per_clip: Annotated[
        int, typer.Option(min=1, help="frames of a clip that are drawn", rich_help_panel=PAIRS)
    ] = 60,
    rendered: Annotated[
        int, typer.Option(min=0, help="rendered scenes, whose drawing is known", rich_help_panel=PAIRS)
    ] = 200,
    model_version: Annotated[
        int,
        typer.Option(min=1, help="of the model, where an earlier one was published", rich_help_panel=PAIRS),
    ] = 1,
    begin_from: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            exists=True,
            file_okay=False,
            help="a live model of this size, or the training of a smaller one, whose weights a new one begins "
            "with",
            rich_help_panel="Network",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            *("-o", "--out", "--output"),
            metavar="FOLDER",
            help="for the pairs, the state, the sheets and the model; by default STYLE-live-SIZE.training",
        ),
    ] = None,
) -> None:
    """Train a small network that draws in one call what a style draws slowly: some 45 minutes on one core.

    The style's own model draws frames of your footage, finished as a run would finish them; the small network
    learns from these pairs, or with --network x2 to enlarge such drawings. A training that was stopped goes on
    when the same command is given again.
    """
    with training_packages():
        from training.live.begin import begin_from_folder
        from training.live.crops import PairSet
        from training.live.enlarger_pairs import EnlargerPairs
        from training.live.export import LiveFacts, export_live
        from training.live.export_enlarger import export_enlarger
        from training.live.pairs import fingerprint_pairs
        from training.live.prepare import prepare_pairs
        from training.live.recipe import pairs_folder
        from training.live.train import LiveTraining, build_network
    from stylize.generators.resolve import resolve

    drawn_by = resolve(read_settings(**{"runtime": "torch", **flags}))  # the teacher is exact
    config = drawn_by.config
    place = out or Path(f"{config.style}-live-{recipe.network}.training")
    if begin_from is not None:  # what does not fit is said before frames are drawn
        begin_from_folder(build_network(recipe.network), begin_from)
    with progress_bar(terminal, "drawing", None) as show:
        prepare_pairs(
            pairs_folder(place), drawn_by, footage or (), per_clip, rendered, lambda kind, count: show(count)
        )
    enlarges = recipe.network == "x2"
    pairs = (EnlargerPairs if enlarges else PairSet)(pairs_folder(place))
    training = LiveTraining(recipe, place, fingerprint_pairs(pairs_folder(place)))
    if begin_from is not None and not training.steps:
        training.begin_with(lambda network: begin_from_folder(network, begin_from))
    network = run_training(training, pairs, terminal)
    model = place / f"{config.style}-{recipe.network}"
    if isinstance(pairs, EnlargerPairs):
        size = export_enlarger(network, training.steps, pairs.count, model).file.bytes
        use = f"enlarge with it: stylize run CLIP --enlarge {model}"
    else:
        facts = LiveFacts(
            config.style, recipe.network, _teacher(config), training.steps, pairs.count, model_version
        )
        manifest = export_live(network, facts, pairs, model, say=lambda words: terminal.note(words))
        size = sum(file.bytes for file in manifest.files.values())
        use = f"draw with it: stylize run CLIP --model {model}"
    terminal.answer(
        {"event": "trained", "model": str(model), "steps": training.steps, "bytes": size},
        f"{model}: {training.steps} steps on {pairs.count} pairs, {spell_bytes(size)}\n{use}",
    )


def _teacher(config: ResolvedConfig) -> str:
    """The teacher in words, for the manifest."""
    name = ("the export " if config.runtime == "edge" else "") + Path(config.checkpoint).name
    return f"{name} in the style {config.style}, {config.steps} steps at {config.size} px, finished"
