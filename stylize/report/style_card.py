"""A style's card: one page with what it is and what it makes of frames."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import stylize
from stylize import footage, pipeline
from stylize.config.packs.pack import StylePack
from stylize.config.settings import RunSettings
from stylize.footage.clip import Pixels
from stylize.footage.photograph import read_photograph
from stylize.jobs.analysis import analyse_clip
from stylize.jobs.naming import default_output
from stylize.jobs.plan_run import plan_preview
from stylize.report.facts import Rows
from stylize.report.page.document import write_document
from stylize.report.page.markup import Content, Markup, tag
from stylize.report.page.pictures import jpeg, picture_url
from stylize.report.sections import table_of
from stylize.storage.atomic import atomic_write

PICTURE_PX = 640
"""Width at which a card holds its pictures."""


@dataclass(frozen=True)
class CardMoment:
    """A frame that the card shows: of a clip or photograph, at a time as `--preview` takes it."""

    clip: Path
    time: str


def write_style_card(
    pack: StylePack, moments: Sequence[CardMoment], settings: RunSettings, facts: Rows, out: Path
) -> None:
    """Draws the frames and writes the page: self-contained HTML, which asks nothing of a network.

    Args:
        pack: the style.
        moments: frames to draw; none leaves the pack's own cover.
        settings: those of the drawings; their style is the pack, as the user names it.
        facts: titles and texts of the table at the foot.

    Raises:
        StylizeError: a clip cannot be read, the style cannot be drawn with, or the page cannot be written.
    """
    style = pack.style
    drawn = [_figure(moment, settings) for moment in moments]
    command = f"stylize run CLIP --style {shlex.quote(settings.style)}"
    body = tag(
        "main",
        tag("header", tag("h1", style.title or pack.name), tag("p", style.description, class_="quiet")),
        _cover(pack),
        tag("section", tag("h2", "On frames"), *drawn) if drawn else None,
        tag("section", tag("h2", "To use it"), tag("pre", command)),
        tag("section", tag("h2", "What it says"), table_of(facts)),
        tag("footer", f"Made by stylize {stylize.__version__}. This page holds all that it shows."),
    )
    atomic_write(out, write_document(f"{style.title or pack.name}: a style", body))


def _cover(pack: StylePack) -> Content:
    if not pack.style.cover:
        return None
    picture = read_photograph(pack.folder / pack.style.cover).pixels
    return _picture(picture, "the style's cover")


def _figure(moment: CardMoment, settings: RunSettings) -> Markup:
    found = analyse_clip(moment.clip, settings)
    number = footage.parse_time(moment.time, found.clip)
    job = plan_preview(found, [number], default_output(moment.clip, settings), settings)
    source, drawing = pipeline.draw_frame(job, number)
    when = f"{moment.clip.name}, frame {number}"
    return tag(
        "figure", _picture(source, f"source: {when}"), _picture(drawing, f"drawn: {when}"), class_="pair"
    )


def _picture(picture: Pixels, words: str) -> Markup:
    return tag("img", src=picture_url(jpeg(picture, PICTURE_PX)), alt=words, title=words)
