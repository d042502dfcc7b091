"""The sections of a film's report, from the figures at its head to the fingerprints at its foot."""

from __future__ import annotations

import stylize
from stylize import footage
from stylize.footage.clip import Shot
from stylize.jobs.repairs import WAYS
from stylize.report.facts import Rows, fingerprints_of, licences_of, settings_of, versions_used
from stylize.report.page.chart import frame_chart
from stylize.report.page.markup import Content, Markup, join, tag
from stylize.report.page.pictures import jpeg_size, picture_url
from stylize.report.page.viewer import viewer
from stylize.report.report_parts import MOST_FRAMES, MOST_REPAIRS, ReportParts, Thumb
from stylize.report.scene_sections import scene_section

CURVES = {"source": "source: what was photographed", "drawn": "as drawn", "steady": "steadied"}


def page_body(parts: ReportParts) -> Markup:
    """Everything that the page shows."""
    return tag(
        "main",
        _head(parts),
        _figures(parts),
        viewer(parts.film),
        _shortened(parts),
        _contact_sheet(parts),
        _flicker(parts),
        _repairs(parts),
        scene_section(parts.job),
        _times(parts),
        _made(parts),
        tag("footer", f"Made by stylize {stylize.__version__}. This page holds all that it shows."),
    )


def _head(parts: ReportParts) -> Markup:
    clip, job = parts.job.clip, parts.job
    facts = (
        f"{len(job.span)} frames of {clip.path.name}, {clip.width} x {clip.height}, "
        f"{float(clip.rate):.6g} frames a second, {_count(len(job.shots), 'shot')}"
    )
    return tag("header", tag("h1", job.film.path.name), tag("p", facts, class_="quiet"))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _figures(parts: ReportParts) -> Markup:
    found: list[tuple[str, str, str]] = []
    drawings = sum(len(segment.sheet.drawings) for segment in parts.job.segments)
    found.append(("Drawings", str(drawings), f"for {_count(len(parts.job.span), 'frame')}"))
    curve = parts.curve
    if curve is not None and "steady" in curve.errors:
        words = f"{curve.mean('drawn'):.2f} as drawn, {curve.mean('source'):.2f} in the source"
        found.append(("Flicker", f"{curve.mean('steady'):.2f}", words))
    elif curve is not None:
        words = f"as drawn; {curve.mean('source'):.2f} in the source"
        found.append(("Flicker", f"{curve.mean('drawn'):.2f}", words))
    if parts.repairs is not None:
        words = "see below" if parts.repairs.rows else f"of {parts.repairs.judged} that were judged"
        found.append(("Unstable drawings", str(len(parts.repairs.rows)), words))
    rate = parts.seconds / max(1, len(parts.job.span))
    found.append(("Time", _time(parts.seconds), f"{rate:.2g} s a frame"))
    cells = [
        tag("div", tag("dt", name), tag("dd", value, tag("small", words))) for name, value, words in found
    ]
    return tag("dl", *cells, class_="figures")


def _time(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d} min" if minutes < 60 else f"{minutes // 60}:{minutes % 60:02d} h"


def _shortened(parts: ReportParts) -> Content:
    if len(parts.film.times) == len(parts.job.span):
        return None
    return tag(
        "p", f"Here the first {MOST_FRAMES} of {len(parts.job.span)} frames are played.", class_="quiet"
    )


def _contact_sheet(parts: ReportParts) -> Markup:
    job, last = parts.job, parts.film.first + len(parts.film.times)
    blocks: list[Markup] = []
    for number, shot in enumerate(job.shots, start=1):
        thumbs = [thumb for thumb in parts.thumbs if thumb.number in shot]
        if not thumbs:
            continue
        heading = tag("h3", f"Shot {number}   ", tag("span", _when(parts, shot), class_="quiet number"))
        strip = tag("div", *(_thumb(parts, each, number, last) for each in thumbs), class_="strip")
        blocks += [heading, strip]
    left_out = len(job.shots) - sum(any(thumb.number in shot for thumb in parts.thumbs) for shot in job.shots)
    note = tag("p", f"{_count(left_out, 'further shot')} not shown.", class_="quiet") if left_out else None
    text = "The source above, the film below. Choose a picture to see it in the viewer."
    return tag("section", tag("h2", "Shots"), tag("p", text, class_="quiet"), *blocks, note)


def _when(parts: ReportParts, shot: Shot) -> str:
    clip = parts.job.clip
    times = f"{footage.format_time(shot.start, clip)} to {footage.format_time(shot.end, clip)}"
    return f"{times}, frames {shot.start} to {shot.end - 1}"


def _thumb(parts: ReportParts, thumb: Thumb, shot: int, last: int) -> Markup:
    width, height = jpeg_size(thumb.jpeg)
    picture = tag(
        "img",
        src=picture_url(thumb.jpeg),
        alt=f"Shot {shot}, frame {thumb.number}: source and film",
        width=width,
        height=height,
    )
    caption = tag("span", f"{footage.format_time(thumb.number, parts.job.clip)}  frame {thumb.number}")
    can_play = thumb.number < last
    seek = thumb.number if can_play else None
    return tag("button", picture, caption, type="button", data_seek=seek, disabled=not can_play)


def _flicker(parts: ReportParts) -> Content:
    curve = parts.curve
    if curve is None:
        return None
    marks = [int(str(row["frame"])) for row in parts.repairs.rows] if parts.repairs else []
    means = ", ".join(f"{CURVES[name]} {curve.mean(name):.2f}" for name in curve.errors)
    legend = [tag("li", tag("i"), CURVES[name], class_=name) for name in curve.errors]
    if marks:
        legend.append(tag("li", tag("i"), "unstable drawing", class_="mark"))
    chart = frame_chart(
        curve.numbers,
        curve.errors,
        parts.job.span,
        cuts=[shot.start for shot in parts.job.shots[1:]],
        marks=marks,
        label=f"Flicker by frame. On average: {means}",
    )
    text = (
        "Flicker is what changes from one drawing to the next although nothing moved there: the mean squared "
        "difference x1000 after each drawing is carried to the next along the motion of the source. Lower is "
        "steadier. The source has some of it too (grain, light): no film needs to lie below that. "
        "Dashed upright lines are cuts."
    )
    figure = tag("figure", tag("ul", *legend, class_="legend"), chart, class_="chart", tabindex=0)
    means_line = tag("p", f"On average: {means}.")
    return tag("section", tag("h2", "Flicker over time"), tag("p", text, class_="quiet"), figure, means_line)


def _repairs(parts: ReportParts) -> Content:
    found = parts.repairs
    if found is None:
        return None
    items: list[Markup] = []
    for each in parts.repaired:
        row = each.row
        done = WAYS.get(str(row["done"]), str(row["done"]))
        head = tag("p", tag("strong", f"Frame {row['frame']}"), f": {row['reason']}. It was {done}.")
        words = (
            f"Severity {row['severity']} before and {row['severity_after']} after; 1 and more is unstable."
        )
        names = {"source": "source", "drawn": "as drawn", "kept": "as kept"}
        pictures = [
            tag("figure", tag("img", src=picture_url(data), alt=names[name]), tag("figcaption", names[name]))
            for name, data in each.jpegs.items()
        ]
        items.append(tag("li", head, tag("p", words, class_="quiet"), tag("div", *pictures, class_="trio")))
    more = len(found.rows) - len(items)
    note = (
        tag("p", f"The first {MOST_REPAIRS} are shown; {more} more are in the list of repairs.")
        if more
        else None
    )
    text = (
        "Every drawing is compared with what its neighbours, carried to it along the motion of the source, say it "
        "should be. One that stands apart from them is drawn again, or rebuilt from them."
    )
    return tag(
        "section",
        tag("h2", "Unstable drawings"),
        tag("p", f"{found.words}."),
        tag("p", text, class_="quiet") if items else None,
        tag("ul", *items, class_="repairs") if items else None,
        note,
    )


def _times(parts: ReportParts) -> Content:
    passes = [each for each in parts.times.values() if each.seconds is not None]
    if not passes:
        return None
    longest = max(each.seconds or 0 for each in passes) or 1
    rows = []
    for each in passes:
        seconds = each.seconds or 0
        rate = f"{seconds / each.made:.2g} s" if each.made else ""
        found = str(each.found) if each.found else ""
        bar = tag(
            "meter", value=f"{seconds:.3f}", min=0, max=f"{longest:.3f}", aria_label=f"{each.name}: time"
        )
        cells = [tag("td", text, class_="right") for text in (each.made, found, _time(seconds), rate)]
        rows.append(tag("tr", tag("th", each.name, scope="row"), *cells, tag("td", bar)))
    names = ("frames made", "found from before", "time", "a frame")
    head = [tag("th", "pass", scope="col"), *(tag("th", name, class_="right", scope="col") for name in names)]
    table = tag("table", tag("thead", tag("tr", *head, tag("td"))), tag("tbody", *rows))
    return tag(
        "section",
        tag("h2", "Time by pass"),
        tag("p", "Passes work side by side; how long one waited for another is not counted.", class_="quiet"),
        tag("div", table, class_="wide", tabindex=0, role="region", aria_label="Time by pass"),
    )


def _made(parts: ReportParts) -> Markup:
    job = parts.job
    settings = settings_of(job)
    blocks = [
        _details("Settings" if len(settings) == 1 else f"Settings, {where}", rows) for where, rows in settings
    ]
    licences = licences_of(job)
    command = join(
        tag("p", "The same command on the same machine makes the same film:"),
        tag("pre", parts.command, id="command"),
        tag("button", "Copy", type="button", data_copy="command"),
    )
    return tag(
        "section",
        tag("h2", "How it was made"),
        command,
        tag("h3", "Licences of what drew it") if licences else None,
        table_of(licences) if licences else None,
        tag("h3", "Everything else"),
        *blocks,
        _details("Versions", versions_used()),
        _details(
            "Fingerprints", fingerprints_of(job), "Equal fingerprints mean equal frames, on any machine."
        ),
    )


def _details(title: str, rows: Rows, note: str = "") -> Markup:
    words = tag("p", note, class_="quiet") if note else None
    return tag("details", tag("summary", title), words, table_of(rows))


def table_of(rows: Rows) -> Markup:
    """A table of names and what they stand for."""
    body = [tag("tr", tag("th", name, scope="row"), tag("td", value)) for name, value in rows]
    return tag("table", tag("tbody", *body))
