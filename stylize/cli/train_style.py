"""`stylize train style`: from a folder of drawings to a style pack."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from stylize.cli import options
from stylize.cli.terminal import Terminal
from stylize.errors import Interrupted, MissingPart, UsageError
from stylize.system.dependencies import install_hint

if TYPE_CHECKING:
    from training.lora.recipe import Recipe
    from training.lora.train import Trained

WHAT, HOW, MACHINE = "What is learnt", "How it is learnt", "Machine"


def _flag(panel: str, *names: str, help: str, metavar: str | None = None, **more: Any) -> Any:
    return typer.Option(*names, help=help, metavar=metavar, rich_help_panel=panel, show_default=False, **more)


Precision = Literal["fp32", "bf16", "fp16"]


def style(
    context: typer.Context,
    pictures: Annotated[
        Path | None,
        typer.Argument(metavar="DRAWINGS", help="a folder of drawings, or a film to take stills of"),
    ] = None,
    name: Annotated[str | None, _flag(WHAT, "--name", help="of the style, as --style will call it")] = None,
    recipe: Annotated[
        Path | None,
        _flag(WHAT, "--recipe", help="a TOML file that holds any of these settings", metavar="FILE"),
    ] = None,
    out: Annotated[
        Path | None,
        _flag(WHAT, "-o", "--out", help="for the pack, state, sheets and log; by default NAME.training"),
    ] = None,
    install: Annotated[bool, _flag(WHAT, "--install", help="install the style when it is learnt")] = False,
    base: Annotated[str | None, _flag(WHAT, "--base", help="the style that it is built upon: anime")] = None,
    model: Annotated[
        str | None, _flag(WHAT, "--model", help="checkpoint in place of the base style's")
    ] = None,
    kind: Annotated[
        Literal["style", "subject"] | None,
        _flag(WHAT, "--kind", help="how all is drawn, or who is drawn (a character)"),
    ] = None,
    trigger: Annotated[
        str | None, _flag(WHAT, "--trigger", help="the word that calls for it; by default the name")
    ] = None,
    caption: Annotated[
        str | None, _flag(WHAT, "--caption-form", help="may use {prompt}, {trigger}, {content}")
    ] = None,
    captions: Annotated[
        Literal["template", "auto"] | None,
        _flag(WHAT, "--caption", help="auto: a captioner describes drawings that have no .txt"),
    ] = None,
    captioner: Annotated[
        str | None, _flag(WHAT, "--captioner", help="a folder with a captioner", metavar="FOLDER")
    ] = None,
    sources: Annotated[
        Literal["auto", "made"] | None,
        _flag(WHAT, "--sources", help="auto: NAME.source.png where it is there; made: never"),
    ] = None,
    flips: Annotated[bool | None, _flag(WHAT, "--flips/--no-flips", help="mirror half of the crops")] = None,
    rank: Annotated[int | None, _flag(HOW, "--rank", help="of the LoRA: 16")] = None,
    alpha: Annotated[float | None, _flag(HOW, "--alpha", help="by default the rank")] = None,
    targets: Annotated[
        list[str] | None,
        _flag(HOW, "--target", help="auto, attention, feedforward, convolutions, a module (repeatable)"),
    ] = None,
    text_rank: Annotated[
        int | None, _flag(HOW, "--text-rank", help="also a LoRA of this rank on the text encoder")
    ] = None,
    resolution: Annotated[int | None, _flag(HOW, "--resolution", help="side of the crops, px")] = None,
    steps: Annotated[int | None, _flag(HOW, "--steps", help="300 by default")] = None,
    batch: Annotated[int | None, _flag(HOW, "--batch", help="crops at once: 4")] = None,
    accumulate: Annotated[int | None, _flag(HOW, "--accumulate", help="batches to a step: 1")] = None,
    rate: Annotated[float | None, _flag(HOW, "--rate", help="learning rate")] = None,
    prior: Annotated[
        float | None, _flag(HOW, "--prior", help="how strongly pictures without the word stay as they are")
    ] = None,
    min_snr: Annotated[
        float | None, _flag(HOW, "--min-snr", help="gamma of the Min-SNR weighting: 5")
    ] = None,
    offset_noise: Annotated[float | None, _flag(HOW, "--offset-noise", help="0 by default")] = None,
    ema: Annotated[float | None, _flag(HOW, "--ema", help="decay of the weights' moving average")] = None,
    seed: Annotated[int | None, _flag(HOW, "--seed", help="another number learns in another order")] = None,
    validation: Annotated[
        Path | None,
        _flag(HOW, "--validation", help="a clip or pictures for the sample sheets", metavar="PLACE"),
    ] = None,
    device: Annotated[str | None, _flag(MACHINE, "--device", help="auto, cpu, cuda, mps")] = None,
    precision: Annotated[
        Precision | None, _flag(MACHINE, "--precision", help="of the arithmetic: bf16")
    ] = None,
    weights: Annotated[
        Precision | None, _flag(MACHINE, "--weights", help="of the frozen weights: fp32; bf16 halves them")
    ] = None,
    gradient_checkpointing: Annotated[
        bool | None,
        _flag(MACHINE, "--gradient-checkpointing/--no-gradient-checkpointing", help="less memory, more time"),
    ] = None,
    threads: Annotated[int | None, _flag(MACHINE, "--threads", help="processors to use")] = None,
    keep_every: Annotated[
        int | None, _flag(MACHINE, "--keep-every", help="steps between two states: 50")
    ] = None,
    sheet_every: Annotated[
        int | None, _flag(MACHINE, "--sheet-every", help="steps between two sample sheets: 200")
    ] = None,
    licence: Annotated[str | None, _flag(WHAT, "--licence", help="of the style, for its pack")] = None,
    author: Annotated[str | None, _flag(WHAT, "--author", help="of the drawings, for the pack")] = None,
    debug: options.Debug = False,
) -> None:
    """Learn a style from drawings: some forty of them, a quarter of an hour on a laptop.

    Beside a drawing portrait.png may lie portrait.txt, what it shows, and portrait.source.png, the photograph
    that it was drawn over. A training that was stopped goes on when the same command is given again.
    """
    terminal = context.ensure_object(Terminal)
    terminal.configure()
    with _training_parts():
        from training.lora.recipe import Recipe
    params = dict(context.params)
    plan = _recipe(Recipe, params, recipe)
    place = out or Path(f"{plan.name}.training")
    plan = _with_stills(plan, place, terminal)
    trained = _train(plan, place, terminal)
    if not trained.is_main:
        return
    called = str(trained.pack)
    if install:
        from stylize.config.packs import install_pack

        called = install_pack(trained.pack, overwrite=True).name
    words = f"{trained.steps} steps on {trained.drawings} drawings, {trained.lora_bytes / 1e6:.1f} MB"
    terminal.result(f"{trained.pack}: {words}\ndraw with it: stylize run CLIP --style {called}")


def controlnet(
    context: typer.Context,
    pictures: Annotated[Path, typer.Argument(metavar="DRAWINGS", help="a folder of drawings")],
    condition: Annotated[
        str, typer.Option("--condition", help="what it reads: canny, softedge, depth, pose, ...")
    ],
    name: Annotated[str | None, typer.Option("--name", help="by default the condition")] = None,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="by default NAME.training")] = None,
    base: Annotated[str, typer.Option("--base", help="the style whose checkpoint it is for")] = "anime",
    model: Annotated[str | None, typer.Option("--model", help="checkpoint in place of the style's")] = None,
    steps: Annotated[int, typer.Option("--steps")] = 1000,
    batch: Annotated[int, typer.Option("--batch")] = 4,
    rate: Annotated[float, typer.Option("--rate")] = 5e-4,
    resolution: Annotated[int | None, typer.Option("--resolution", help="side of the crops, px")] = None,
    seed: Annotated[int, typer.Option("--seed")] = 0,
    device: Annotated[str, typer.Option("--device")] = "auto",
    debug: options.Debug = False,
) -> None:
    """Learn a ControlNet for a condition that a checkpoint has none for.

    Each drawing is held by what is read off its source; sources are given or guessed as for a style.
    """
    terminal = context.ensure_object(Terminal)
    terminal.configure()
    with _training_parts():
        from training.lora.recipe import Recipe
    called = name or condition.replace("_", "-")
    given = {
        key: context.params[key] for key in ("base", "model", "steps", "batch", "rate", "resolution", "seed")
    }
    plan = Recipe.of(
        name=called, drawings=pictures, kind="controlnet", condition=condition, device=device, **given
    )
    trained = _train(plan, out or Path(f"{called}.training"), terminal)
    size = trained.lora_bytes / 1e6
    terminal.result(
        f"{trained.pack}: {size:.1f} MB\ndraw with it: stylize run CLIP --control {condition}@{trained.pack}"
    )


def drawings(
    context: typer.Context,
    style: Annotated[str, typer.Argument(metavar="STYLE", help="a bundled style's name")],
    out: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="where the drawings go; what is there is replaced")
    ],
    count: Annotated[int, typer.Option(min=1, help="drawings in all")] = 40,
    seed: Annotated[int, typer.Option(min=0, help="other seeds draw other scenes")] = 0,
    sources: Annotated[bool, typer.Option(help="also what each was drawn from, as NAME.source.png")] = True,
    debug: options.Debug = False,
) -> None:
    """Draw the pictures that a bundled style is learnt from."""
    terminal = context.ensure_object(Terminal)
    terminal.configure()
    with _training_parts():
        from training.styles import write_drawings
    with progress_bar(terminal, "drawing", count) as tell:
        write_drawings(style, out, count, seed, sources, tell)
    terminal.result(f"{out}: {count} drawings")


def _train(plan: Recipe, place: Path, terminal: Terminal) -> Trained:
    with _training_parts():
        from training.lora.train import Listener, Step, train_lora
    with progress_bar(terminal, f"learning {plan.name}", plan.steps) as show:

        def tell(step: Step) -> None:
            show(step.number)

        try:
            return train_lora(plan, place, Listener(tell, lambda text: terminal.say(f"note: {text}")))
        except KeyboardInterrupt as error:
            raise Interrupted(
                f"Stopped; the last state is kept in {place}.", hint="the same command goes on from it"
            ) from error


def _recipe(kind: type[Recipe], params: dict[str, Any], file: Path | None) -> Recipe:
    """The recipe of the flags, over that of a file if there is one."""
    params = {**params, "drawings": params.pop("pictures"), "targets": tuple(params["targets"] or ()) or None}
    given = {key: params[key] for key in kind.model_fields if params.get(key) is not None}
    says = {key: params[key] for key in ("licence", "author") if params[key] is not None}
    if file is not None:
        plan = kind.read(file, **given)
        return plan.model_copy(update={"pack": plan.pack.model_copy(update=says)})
    for key, word in (("drawings", "DRAWINGS"), ("name", "--name")):
        if key not in given:
            raise UsageError(f"{word} is missing.", hint="stylize train style DRAWINGS --name NAME")
    return kind.of(**given, pack=says)


def _with_stills(plan: Recipe, place: Path, terminal: Terminal) -> Recipe:
    """A film in place of a folder of drawings gives its sharpest stills, once."""
    if not plan.drawings.is_file():
        return plan
    from training.dataset.film import stills_of

    stills = place / "stills"
    if not stills.is_dir():
        with progress_bar(terminal, "taking stills", None) as tell:
            stills_of(plan.drawings, stills, tell=tell)
    return plan.model_copy(update={"drawings": stills})


@contextmanager
def _training_parts() -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        raise MissingPart(
            f"Training needs a package that is not here: {error.name}.", hint=install_hint("train")
        ) from error


@contextmanager
def progress_bar(terminal: Terminal, title: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """A progress bar on stderr, gone when the work is; the function that is yielded moves it."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=terminal.err, transient=True) as bars:
        bar = bars.add_task(title, total=total)
        yield lambda done: bars.update(bar, completed=done)
