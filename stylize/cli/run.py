"""`stylize run`: draws a clip, one of its frames, or a list of jobs."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stylize import footage
from stylize.cli.drawing import announce, draw, plan_film, renderer_for
from stylize.cli.overwriting import AS_THE_FILM, refuse_existing, refuse_existing_film
from stylize.cli.run_options import ALL_SETTINGS, OUTPUT, RunOptions, run_option
from stylize.cli.terminal import Terminal
from stylize.config.read_settings import read_settings
from stylize.errors import UsageError
from stylize.footage.outputs import refuse_folder
from stylize.jobs.naming import bare_name, ending
from stylize.storage.place import place

if TYPE_CHECKING:
    from stylize.config.settings import RunSettings
    from stylize.jobs.job import RenderJob

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Instead:
    """What to do in place of drawing the whole of one clip."""

    preview: Annotated[
        list[str] | None,
        run_option("--preview", help="draw one frame only, beside its source (repeatable)", metavar="TIME"),
    ] = None
    tries: Annotated[
        list[str] | None,
        run_option(
            "--try",
            help="with --preview, draw the frame with each of these values, on one sheet: strength=0.4,0.6 "
            "(repeatable)",
            metavar="SETTING=VALUES",
        ),
    ] = None
    preview_film: Annotated[
        bool,
        run_option("--preview-film", help="draw a draft of the film: one step, half the size, no repair"),
    ] = False
    dry_run: Annotated[
        bool, run_option("--dry-run", help="show what would be done and what it takes, and draw nothing")
    ] = False
    jobs: Annotated[
        Path | None, run_option("--jobs", help="draw a list of jobs in place of a clip", metavar="JOBS.toml")
    ] = None
    keep_going: Annotated[
        bool, run_option("--keep-going", help="after a job that failed, go on with the next")
    ] = False

    def check(self, clip: Path | None, out: Path | None) -> None:
        """Raises UsageError: options that exclude each other, or no clip."""
        one_of = (
            (self.dry_run, "--dry-run"),
            (bool(self.preview), "--preview"),
            (self.preview_film, "--preview-film"),
        )
        asked = [flag for given, flag in one_of if given]
        if self.jobs is not None:
            if clip is not None or out is not None or asked or self.tries:
                raise UsageError(
                    "--jobs takes clips and films from its list.",
                    hint="leave out CLIP, -o, --dry-run, --preview, --try and --preview-film",
                )
            return
        if clip is None:
            raise UsageError("Missing argument 'CLIP'.", hint="see: stylize run --help")
        if self.keep_going:
            raise UsageError("--keep-going is for a list of jobs.", hint="give it with --jobs")
        if self.tries and not self.preview:
            raise UsageError("--try draws single frames.", hint="say which: --preview 00:03")
        if "--preview" in asked and len(asked) > 1:
            raise UsageError(f"{' and '.join(asked)} exclude each other.", hint="give one of them")


def run(
    terminal: Terminal,
    *,
    clip: Annotated[
        Path | None,
        typer.Argument(
            metavar="CLIP",
            help="a film, an image sequence (shot.%06d.png), a photograph, or a folder of them",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            *("-o", "--output"),
            help="the film; by default CLIP.STYLE.mp4 (or PHOTO.STYLE.png) in this folder",
            metavar="OUT",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    flags: Annotated[dict[str, Any], ALL_SETTINGS],
    how: RunOptions,
    instead: Instead,
) -> None:
    """Draw a clip in a style.

    A run that was stopped goes on where it was when the same command is given again.
    """
    instead.check(clip, out)
    if instead.jobs is not None:
        from stylize.cli.job_list import run_jobs

        run_jobs(instead.jobs, flags, how, terminal, keep_going=instead.keep_going)
        return
    assert clip is not None
    from stylize.jobs.photographs import names_photographs

    settings = read_settings(**flags)
    if names_photographs(clip):
        _draw_photographs(clip, out, settings, how, instead, terminal)
        return
    if not (instead.dry_run or instead.preview or instead.preview_film):
        _prepare_export(clip, settings, terminal)
    stem = f"{bare_name(clip)}.{_style_name(settings)}"
    film = out or Path(("draft." if instead.preview_film else "") + stem + ending(clip, settings))
    if instead.preview and (instead.tries or len(instead.preview) > 1):
        from stylize.cli.trials import show_trials

        sheet = out or Path(f"{bare_name(clip)}.sheet.png")
        tries = instead.tries or []
        show_trials(clip, instead.preview, tries, sheet, flags, overwrite=how.overwrite, terminal=terminal)
    elif instead.preview:
        _preview(clip, instead.preview[0], out, stem, settings, how, terminal)
    elif instead.dry_run:
        _show(_plan(clip, film, settings, how, draft=instead.preview_film, may_replace=True), terminal)
    else:
        plan = _plan(clip, film, settings, how, draft=instead.preview_film, may_replace=how.overwrite)
        _draw(plan, how, terminal)


def _draw_photographs(
    source: Path,
    out: Path | None,
    settings: RunSettings,
    how: RunOptions,
    instead: Instead,
    terminal: Terminal,
) -> None:
    """Draws every photograph of a folder or pattern with one model; one that fails does not stop the others."""
    from stylize.cli.job_list import run_entries
    from stylize.jobs.photographs import photograph_jobs

    if instead.preview or instead.preview_film or instead.dry_run:
        raise UsageError(
            "Of several photographs neither a preview nor a plan is made.", hint="give one of them: photo.jpg"
        )
    style = _style_name(settings)
    name = source.absolute().name if source.is_dir() else source.absolute().parent.name
    folder = out or Path(f"{name or 'photographs'}.{style}")
    whole = folder.absolute()  # `.` has no name
    runs = place(how.work_dir) if how.work_dir else whole.parent / f"{whole.name}.stylize"
    run_entries(photograph_jobs(source, folder, style, settings, runs), how, terminal, keep_going=True)


def _style_name(settings: RunSettings) -> str:
    from stylize.config.packs.find import find_style

    return find_style(settings.style, settings.styles_dirs).name


def _prepare_export(clip: Path, settings: RunSettings, terminal: Terminal) -> None:
    """Makes the export that a long film is drawn with, where there is none."""
    from stylize.generators.first_use import prepare_export

    prepare_export(clip, settings, lambda stage, words: _log.info("%s: %s", stage, words), terminal.note)


def _plan(
    clip: Path, film: Path, settings: RunSettings, how: RunOptions, *, draft: bool, may_replace: bool
) -> RenderJob:
    from stylize.jobs.consent import wrote_films

    refuse_folder(film)  # before the clip is searched for its shots
    if not may_replace:
        refuse_existing_film(film, how.work_dir)
    plan = plan_film(clip, film, _as_draft(settings) if draft else settings, how)
    plan.check_films(may_replace or wrote_films(plan))
    return plan


def _as_draft(settings: RunSettings) -> RunSettings:
    """The same film, quickly: to look at while a larger machine makes the final one."""
    from stylize.generators.resolve import resolve_config

    half = max(64, resolve_config(settings).size // 2)
    return settings.model_copy(update={"steps": 1, "size": half, "repair": "off", "faces": "off"})


def _show(plan: RenderJob, terminal: Terminal) -> None:
    from stylize.cli.plan_facts import plan_as_json
    from stylize.cli.plan_table import show_plan

    taken = plan.film.path.exists()
    if terminal.as_json:
        terminal.emit({**plan_as_json(plan), "out_exists": taken})
    else:
        show_plan(plan, terminal, taken=taken)


def _draw(plan: RenderJob, how: RunOptions, terminal: Terminal) -> None:
    if terminal.as_json:
        from stylize.cli.plan_facts import plan_as_json

        terminal.emit({"event": "plan", **plan_as_json(plan)})
    renderer = renderer_for(plan, plan.clip.path.name, terminal, how)
    announce(draw(plan, renderer, how, quiet=terminal.quiet, words=terminal.words), terminal)
    if plan.foreground is not None:
        output = plan.foreground
        terminal.answer(
            {"event": "foreground", "path": str(output.path), "facts": output.says},
            f"{output.path}: the drawn subject, {output.says}",
        )


def _preview(
    clip: Path,
    moment: str,
    out: Path | None,
    stem: str,
    settings: RunSettings,
    how: RunOptions,
    terminal: Terminal,
) -> None:
    """Draws one frame beside its source; by default its number is part of the name: `CLIP.STYLE.000120.png`."""
    from stylize.generators.resolve import resolve_config
    from stylize.jobs.analysis import analyse_clip
    from stylize.jobs.plan_run import plan_preview
    from stylize.pipeline import preview

    if out is not None and out.suffix.lower() != ".png":
        raise UsageError("A preview is a PNG file.", where=out, hint="give -o a name that ends in .png")
    resolve_config(settings)  # a misspelt setting is found before the clip is searched for its shots
    found = analyse_clip(clip, settings)
    index = footage.parse_time(moment, found.clip)
    work_dir = place(how.work_dir) if how.work_dir else None
    plan = plan_preview(found, [index], Path(stem + ending(clip, settings)), settings, work_dir=work_dir)
    picture = out or Path(f"{stem}.{index:06d}.png")
    if not how.overwrite:
        refuse_existing(picture, AS_THE_FILM)
    written = preview(plan, index, picture)
    terminal.answer({"event": "preview", "path": str(written), "index": index}, str(written))
