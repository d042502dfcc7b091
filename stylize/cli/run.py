"""`stylize run`: the one command that does the job."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from stylize import footage
from stylize.cli import options
from stylize.cli.flags import settings_from
from stylize.cli.outputs import AS_THE_FILM, refuse_existing
from stylize.cli.progress import Renderer, choose_renderer
from stylize.cli.stopping import Stopping
from stylize.cli.tally import spell_seconds
from stylize.cli.terminal import Terminal
from stylize.errors import Interrupted, StylizeError, UsageError
from stylize.jobs.naming import default_output, stem_of_clip
from stylize.storage.place import place

if TYPE_CHECKING:
    from stylize.config.settings import RunSettings
    from stylize.jobs.films import FilmOutput
    from stylize.jobs.job import RenderJob
    from stylize.pipeline import Film

_log = logging.getLogger(__name__)


def run(
    context: typer.Context,
    clip: options.OptionalClip = None,
    out: options.Out = None,
    overwrite: options.Overwrite = False,
    format: options.Format = None,
    audio: options.Audio = None,
    foreground: options.Foreground = None,
    alpha: options.Alpha = None,
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
    runtime: options.Runtime = None,
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
    preview_film: options.PreviewFilm = False,
    dry_run: options.DryRun = False,
    resume: options.Resume = True,
    work_dir: options.WorkDir = None,
    jobs: options.Jobs = None,
    keep_going: options.KeepGoing = False,
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
    how = RunOptions(
        resume=resume, overwrite=overwrite, keep=keep, progress=not no_progress, keep_going=keep_going
    )
    if jobs is not None:
        if clip is not None or out is not None or preview is not None or dry_run:
            raise UsageError(
                "--jobs takes clips and films from its list.",
                hint="leave out CLIP, -o, --preview and --dry-run",
            )
        from stylize.cli.jobs import run_jobs

        run_jobs(context, jobs, work_dir, how)
        return
    if clip is None:
        raise UsageError("Missing argument 'CLIP'.", hint="see: stylize run --help")
    if keep_going:
        raise UsageError("--keep-going is for a list of jobs.", hint="give it with --jobs")
    if dry_run and preview is not None:
        raise UsageError("--dry-run and --preview ask for different things.", hint="give one of them")
    if preview_film and preview is not None:
        raise UsageError("--preview and --preview-film ask for different things.", hint="give one of them")
    settings = settings_from(context.params)
    if settings.runtime == "auto" and not dry_run:
        _prepare(clip, settings, terminal)
    if preview is not None:
        _preview(clip, preview, out, settings, terminal, overwrite=overwrite, work_dir=work_dir)
        return
    named = default_output(clip, settings)
    film = out or (named.with_name(f"draft.{named.name}") if preview_film else named)
    settings = _as_draft(settings) if preview_film else settings
    if film.is_file() and not (overwrite or dry_run):  # before the clip is searched for its shots
        refuse_existing(film, AS_THE_FILM)
    plan = _plan(clip, film, settings, work_dir)
    plan.check_films(overwrite or dry_run)
    if dry_run:
        _show(plan, terminal)
        return
    renderer = renderer_for(plan, terminal, progress=how.progress)
    announce(draw(plan, renderer, how, quiet=quiet), terminal)
    if plan.foreground is not None:
        _announce_foreground(plan.foreground, terminal)


def _prepare(clip: Path, settings: RunSettings, terminal: Terminal) -> None:
    """Makes and times what `--runtime auto` chooses from, the first time on this machine."""
    from stylize.generators.first_use import prepare_backends

    prepare_backends(
        clip,
        settings,
        lambda stage, words: None if terminal.as_json else _log.info("%s: %s", stage, words),
        lambda words: None if terminal.quiet or terminal.as_json else terminal.say(words),
    )


def _as_draft(settings: RunSettings) -> RunSettings:
    """The same film, quickly: what the device shows while a bigger machine makes the final."""
    from stylize.generators.resolve import resolve_config

    half = max(64, resolve_config(settings).size // 2)
    return settings.model_copy(update={"steps": 1, "size": half, "repair": "off"})


@dataclass(frozen=True)
class RunOptions:
    """How a run goes about what it does: see the flags of these names."""

    resume: bool = True
    overwrite: bool = False
    keep: bool = False
    progress: bool = True
    keep_going: bool = False
    remember: bool = False
    """Leave the run's record and the film's receipt: see `pipeline.run`."""


def _plan(clip: Path, out: Path, settings: RunSettings, work_dir: str | None) -> RenderJob:
    from stylize.jobs.plan_run import plan_run

    plan = plan_run(clip, out, settings, work_dir=place(work_dir) if work_dir else None)
    _log.info("planned %d frames in %d shots", len(plan.span), len(plan.shots))
    return plan


def _show(plan: RenderJob, terminal: Terminal) -> None:
    from stylize.cli.planview import plan_as_json, show_plan

    taken = plan.film.path.exists()
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
    work_dir: str | None,
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
    picture = out or Path(f"{stem_of_clip(clip, settings)}.{index:06d}.png")
    if not overwrite:
        refuse_existing(picture, AS_THE_FILM)
    written = preview(plan, index, picture)
    if terminal.as_json:
        terminal.emit({"event": "preview", "path": str(written), "index": index})
    elif not terminal.quiet:
        terminal.result(str(written))


def renderer_for(plan: RenderJob, terminal: Terminal, *, progress: bool) -> Renderer:
    if terminal.as_json:
        from stylize.cli.planview import plan_as_json

        terminal.emit({"event": "plan", **plan_as_json(plan)})
    return renderer_for_job(plan, plan.clip.path.name, terminal, progress=progress)


def renderer_for_job(job: RenderJob, title: str, terminal: Terminal, *, progress: bool) -> Renderer:
    """A renderer that knows how many frames every pass of a job has, in all its parts."""
    passes = [(each.name, each.frames, each.done) for each in map(job.progress, job.pass_names)]
    return choose_renderer(terminal, title, [*passes, ("encode", len(job.span), 0)], progress=progress)


def draw(plan: RenderJob, renderer: Renderer, how: RunOptions, *, quiet: bool) -> Film:
    """Runs the pipeline until it is done or the user has had enough.

    Raises:
        Interrupted: Ctrl-C or SIGTERM; whatever breaks while a stop is asked for counts as that.
    """
    from stylize import pipeline

    with Stopping(quiet=quiet) as stopping:
        try:
            with renderer:
                return pipeline.run(
                    plan,
                    renderer,
                    resume=how.resume,
                    overwrite=how.overwrite,
                    keep=how.keep,
                    remember=how.remember,
                    stop=stopping.asked,
                )
        except (KeyboardInterrupt, StylizeError) as error:
            if isinstance(error, StylizeError) and not (stopping.asked() or isinstance(error, Interrupted)):
                raise
            again = "the same command" if how.resume else "the same command without --no-resume"
            raise Interrupted(
                error.what if isinstance(error, Interrupted) else "Stopped; every finished frame is kept.",
                hint=f"{again} goes on from here",
            ) from error


def _announce_foreground(output: FilmOutput, terminal: Terminal) -> None:
    if terminal.as_json:
        terminal.emit({"event": "foreground", "path": str(output.path), "facts": output.says})
    elif not terminal.quiet:
        terminal.result(f"{output.path}: the drawn subject, {output.says}")


def announce(film: Film, terminal: Terminal) -> None:
    from stylize.cli.planview import as_json

    if terminal.as_json:
        terminal.emit({"event": "film", **as_json(film)})
    elif not terminal.quiet:
        terminal.result(f"{film.path}: {film.frames} frames in {spell_seconds(film.seconds)}")
