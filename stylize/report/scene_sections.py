"""What a report says of green-screen shots: mattes and their edges, and the cameras."""

from __future__ import annotations

import numpy as np

from compositing.camera import Camera, SolveReport
from stylize.comp.resolve import SceneShot, describe
from stylize.footage.clip import Pixels
from stylize.jobs.job import RenderJob, Segment
from stylize.passes.key import MATTE, SUBJECT
from stylize.report.page.chart import frame_chart
from stylize.report.page.markup import Content, Markup, join, tag
from stylize.report.page.pictures import jpeg, picture_url

MOST_MATTES, MATTE_PX, PATH_PX = 6, 420, 300
EDGE = (0.02, 0.98)
"""Between these the alpha of a pixel is neither the subject's nor the screen's."""


def scene_section(job: RenderJob) -> Content:
    """Mattes and cameras of the shots that have a scene; None where none has."""
    blocks = [block for segment in job.segments if segment.scene is not None for block in _segment(segment)]
    if not blocks:
        return None
    return tag("section", tag("h2", "Green screen"), *blocks)


def _segment(segment: Segment) -> list[Markup]:
    scene = segment.scene
    assert scene is not None
    lines = [tag("p", line[:1].upper() + line[1:] + ".") for line in describe(scene)]
    blocks = [*lines, *_mattes(segment)]
    for number, shot in enumerate(scene.shots, start=1):
        blocks += _camera(number, shot)
    return blocks


def _mattes(segment: Segment) -> list[Markup]:
    """A few mattes with their edges marked, beside the subject."""
    if segment.giver(MATTE) is None:
        return []
    keyed = segment.giver(MATTE)
    assert keyed is not None
    numbers = keyed.frames.numbers
    chosen = sorted({numbers[(2 * at + 1) * len(numbers) // (2 * MOST_MATTES)] for at in range(MOST_MATTES)})
    cells: list[Markup] = []
    for number in chosen:
        matte = next(segment.read(MATTE, [number]))
        marked, share = mark_edges(matte[..., 0] if matte.ndim == 3 else matte)
        subject = next(segment.read(SUBJECT, [number]))[..., :3]
        pair = np.concatenate([subject, marked], axis=1)
        caption = f"Frame {number}: subject and matte; {share:.1%} of the picture is edge"
        cells.append(
            tag(
                "figure",
                tag("img", src=picture_url(jpeg(pair, 2 * MATTE_PX)), alt=caption),
                tag("figcaption", caption),
            )
        )
    text = "Edge pixels, neither all subject nor all screen, are orange."
    return [tag("h3", "Mattes"), tag("p", text, class_="quiet"), tag("div", *cells, class_="mattes")]


def mark_edges(alpha: Pixels) -> tuple[Pixels, float]:
    """A matte with its edge pixels in orange, and which share of it they are.

    Args:
        alpha: (height, width) float32 in [0, 1].
    """
    edge = (alpha > EDGE[0]) & (alpha < EDGE[1])
    marked = np.repeat(alpha[..., None], 3, axis=2).astype(np.float32)
    marked[edge] = np.stack([0.35 + 0.65 * alpha[edge], 0.2 + 0.4 * alpha[edge], 0 * alpha[edge]], axis=1)
    return marked, float(edge.mean())


def _camera(number: int, shot: SceneShot) -> list[Markup]:
    blocks: list[Markup] = []
    path = _path(shot.camera)
    if path is not None:
        caption = "The camera's way, seen from above; it begins at the dot."
        figure = tag("figure", path, tag("figcaption", caption), class_="chart path-chart")
        blocks += [tag("h3", f"Camera of shot {number}"), figure]
    if shot.report is not None and len(shot.report.frame_px) > 1:
        blocks.append(_error(number, shot, shot.report))
    return blocks


def _path(camera: Camera) -> Markup | None:
    """The way of a camera that moves, in metres, as a drawing; None for one that does not."""
    across, along = camera.world[:, 0, 3], camera.world[:, 2, 3]
    reach = float(max(np.ptp(across), np.ptp(along)))
    if reach < 1e-3:
        return None
    scale = (PATH_PX - 40) / reach
    x = 20 + (across - across.min()) * scale
    y = 20 + (along - along.min()) * scale
    points = " ".join(
        f"{'L' if at else 'M'}{a:.1f} {b:.1f}" for at, (a, b) in enumerate(zip(x, y, strict=True))
    )
    label = f"The camera moves {np.ptp(across):.2f} m across and {np.ptp(along):.2f} m along"
    return tag(
        "svg",
        tag("path", d=points, class_="path"),
        tag("circle", cx=f"{x[0]:.1f}", cy=f"{y[0]:.1f}", r=5, class_="start"),
        viewBox=f"0 0 {PATH_PX} {max(60, round(float(np.ptp(y))) + 40)}",
        role="img",
        aria_label=label,
    )


def _error(number: int, shot: SceneShot, report: SolveReport) -> Markup:
    numbers = range(shot.shot.start, shot.shot.start + len(report.frame_px))
    label = f"Solve error of shot {number} by frame, px; {report.mean_px:.2f} on average"
    chart = frame_chart(numbers, {"steady": report.frame_px}, numbers, label=label)
    caption = (
        f"By how many pixels the marks on the set are missed, frame by frame: {report.mean_px:.2f} px on average, "
        f"{report.worst_px:.2f} px for all but 5 % of them; {report.marks} marks, {report.fewest} at the fewest."
    )
    notes = [tag("p", note, class_="quiet") for note in report.notes]
    return tag("figure", chart, tag("figcaption", join(caption, *notes)), class_="chart", tabindex=0)
