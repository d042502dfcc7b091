"""`stylize run`: the one command that does the job."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from stylize import footage
from stylize.cli import options
from stylize.cli.flags import settings_from
from stylize.cli.outputs import AS_THE_FILM, ENDINGS, bare_name, refuse_existing
from stylize.cli.progress import Renderer, choose_renderer
from stylize.cli.stopping import Stopping
from stylize.cli.tally import spell_seconds
from stylize.cli.terminal import Terminal
from stylize.errors import Interrupted, StylizeError, UsageError

if TYPE_CHECKING:
    from stylize.job import Job
    from stylize.pipeline import Film
    from stylize.plan import Plan
    from stylize.settings import RunSettings

_log = logging.getLogger(__name__)


def run(
    context: typer.Context,
    clip: options.ClipArgument,
    out: options.Out = None,
    overwrite: options.Overwrite = False,
    format: options.Format = None,
    audio: options.Audio = None,
    style: options.Style = None,
    prompt: options.Prompt = None,
    negative_prompt: options.NegativePrompt = None,
    strength: options.Strength = None,
    guidance: options.Guidance = None,
    noise: options.Noise = None,
    steady: options.Steady = None,
    repair: options.Repair = None,
    seed: options.Seed = None,
    styles_dir: options.StylesDirs = None,
    model: options.Model = None,
    control: options.Controls = None,
    annotators: options.Annotators = None,
    lora: options.Loras = None,
    steps: options.Steps = None,
    scheduler: options.Scheduler = None,
    size: options.Size = None,
    device: options.Device = None,
    precision: options.Precision = None,
    batch: options.Batch = None,
    offline: options.Offline = None,
    cadence: options.Cadence = None,
    hold: options.Hold = None,
    start: options.Start = None,
    end: options.End = None,
    comp: options.Comp = None,
    shots: options.Shots = None,
    rate: options.Rate = None,
    preview: options.Preview = None,
    dry_run: options.DryRun = False,
    resume: options.Resume = True,
    work_dir: options.WorkDir = None,
    keep: options.Keep = False,
    json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = 0,
    no_progress: options.NoProgress = False,
    log_file: options.LogFile = None,
    debug: options.Debug = False,
) -> None:
    """Draw a clip in a style.

    A run that was stopped goes on where it was when the same command is given again.
    """
    terminal = context.ensure_object(Terminal)
    terminal.configure(quiet=quiet, verbose=verbose, log_file=log_file)
    if dry_run and preview is not None:
        raise UsageError("--dry-run and --preview ask for different things.", hint="give one of them")
    settings = settings_from(context.params)
    if preview is not None:
        _preview(clip, preview, out, settings, terminal, overwrite=overwrite, work_dir=work_dir)
        return
    film = out or default_output(clip, settings)
    if film.is_file() and not (overwrite or dry_run):  # before the clip is searched for its shots
        refuse_existing(film, AS_THE_FILM)
    plan = _plan(clip, film, settings, work_dir)
    plan.check_film(overwrite or dry_run)
    if dry_run:
        _show(plan, terminal)
        return
    renderer = _renderer(plan, terminal, progress=not no_progress)
    announce(draw(plan, renderer, resume=resume, overwrite=overwrite, keep=keep, quiet=quiet), terminal)


def default_output(clip: Path, settings: RunSettings) -> Path:
    """The film's name where none is given: `CLIP.STYLE.mp4` in the current folder.

    Raises:
        UsageError: there is no such style.
    """
    return Path(_stem(clip, settings) + ENDINGS[settings.format or "mp4"])


def _stem(clip: Path, settings: RunSettings) -> str:
    """The clip's name without its suffix and number field, and the style's: `CLIP.STYLE`."""
    from stylize.style import find_style

    return f"{bare_name(clip)}.{find_style(settings.style, settings.styles_dirs).name}"


def _plan(clip: Path, out: Path, settings: RunSettings, work_dir: Path | None) -> Plan:
    from stylize.plan import make_plan

    plan = make_plan(clip, out, settings, work_dir=work_dir)
    _log.info("planned %d frames in %d shots", len(plan.span), len(plan.shots))
    return plan


def _show(plan: Plan, terminal: Terminal) -> None:
    from stylize.cli.planview import plan_as_json, show_plan

    taken = plan.out.exists()
    if terminal.as_json:
        terminal.emit({**plan_as_json(plan), "out_exists": taken})
    else:
        show_plan(plan, terminal, taken=taken)


def _preview(
    clip: Path,
    moment: str,
    out: Path | None,
    settings: RunSettings,
    terminal: Terminal,
    *,
    overwrite: bool,
    work_dir: Path | None,
) -> None:
    """Draws one frame beside its source; the default name says which: `CLIP.STYLE.000120.png`."""
    from stylize.pipeline import preview

    if out is not None and out.suffix.lower() != ".png":
        raise UsageError("A preview is a PNG file.", where=out, hint="give -o a name that ends in .png")
    plan = _plan(clip, default_output(clip, settings), settings, work_dir)
    index = footage.parse_time(moment, plan.clip)
    if index not in plan.span:
        raise UsageError(
            f"Frame {index} is not drawn: the run has frames {plan.span.start} to {plan.span.stop - 1}.",
            where="--preview",
            hint="choose another moment, or leave out --start and --end",
        )
    picture = out or Path(f"{_stem(clip, settings)}.{index:06d}.png")
    if not overwrite:
        refuse_existing(picture, AS_THE_FILM)
    written = preview(plan, index, picture)
    if terminal.as_json:
        terminal.emit({"event": "preview", "path": str(written), "index": index})
    elif not terminal.quiet:
        terminal.result(str(written))


def _renderer(plan: Plan, terminal: Terminal, *, progress: bool) -> Renderer:
    if terminal.as_json:
        from stylize.cli.planview import plan_as_json

        terminal.emit({"event": "plan", **plan_as_json(plan)})
    passes = [(each.name, each.frames, each.done) for each in plan.passes]
    passes.append(("encode", len(plan.span), 0))
    return choose_renderer(terminal, plan.clip.path.name, passes, progress=progress)


def draw(plan: Job, renderer: Renderer, *, resume: bool, overwrite: bool, keep: bool, quiet: bool) -> Film:
    """Runs the pipeline until it is done or the user has had enough.

    Raises:
        Interrupted: Ctrl-C or SIGTERM; whatever breaks while a stop is asked for counts as that.
    """
    from stylize import pipeline

    with Stopping(quiet=quiet) as stopping:
        try:
            with renderer:
                return pipeline.run(
                    plan, renderer, resume=resume, overwrite=overwrite, keep=keep, stop=stopping.asked
                )
        except (KeyboardInterrupt, StylizeError) as error:
            if isinstance(error, StylizeError) and not (stopping.asked() or isinstance(error, Interrupted)):
                raise
            again = "the same command" if resume else "the same command without --no-resume"
            raise Interrupted(
                error.what if isinstance(error, Interrupted) else "Stopped; every finished frame is kept.",
                hint=f"{again} goes on from here",
            ) from error


def announce(film: Film, terminal: Terminal) -> None:
    from stylize.cli.planview import as_json

    if terminal.as_json:
        terminal.emit({"event": "film", **as_json(film)})
    elif not terminal.quiet:
        terminal.result(f"{film.path}: {film.frames} frames in {spell_seconds(film.seconds)}")
