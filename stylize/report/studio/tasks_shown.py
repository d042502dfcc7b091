"""Tasks as a list: how far each has come, what it takes still, and what can be done with it."""

from __future__ import annotations

from stylize.report.page.markup import Markup, tag
from stylize.report.studio.task import Task

WORDS = {
    "waiting": "Waiting",
    "running": "Being made",
    "paused": "Paused",
    "stopping": "Stopping",
    "done": "Done",
    "failed": "Failed",
    "cancelled": "Cancelled",
}
SHOWN = 12
"""Finished tasks that are shown; those that are not finished are shown all."""


def live(address: str, content: Markup) -> Markup:
    """A part of a page that is asked for again and again."""
    return tag("div", content, data_refresh=address)


def task_list(tasks: list[Task]) -> Markup:
    """Tasks, those that are not finished first."""
    active = [task for task in tasks if task.is_active]
    finished = [task for task in reversed(tasks) if not task.is_active][:SHOWN]
    if not (active or finished):
        return tag("p", "Nothing.", class_="quiet")
    return tag("ul", *(_item(task) for task in [*active, *finished]), class_="tasks")


def _item(task: Task) -> Markup:
    head = tag("p", tag("strong", task.title), tag("span", WORDS[task.state], class_=f"badge {task.state}"))
    said = [
        tag("p", text, class_="alert" if task.state == "failed" else "quiet")
        for text in (task.said, task.hint)
        if text
    ]
    if task.state in ("running", "stopping"):
        said = _progress(task)
    elif task.state == "done":
        said = [tag("p", f"in {spell(task.seconds)}", class_="quiet")]
    return tag(
        "li",
        head,
        *said,
        tag("p", *_buttons(task), class_="row"),
        tag("pre", task.command, class_="command"),
        id=f"task-{task.id}",
    )


def _progress(task: Task) -> list[Markup]:
    tally = task.tally
    if not tally.total:
        return [tag("p", "Beginning...", class_="quiet")]
    left = tally.seconds_left
    words = f"{100 * tally.done // tally.total} %"
    if left is not None and left[0] > 0:
        words += f", {'' if left[1] else 'at least '}{spell(left[0])} left"
    bar = tag("progress", value=tally.done, max=tally.total, aria_label=f"{task.title}: progress")
    rows = [
        tag(
            "li",
            tag("span", each.name),
            tag("progress", value=each.done, max=max(1, each.total), aria_label=f"{each.name}: progress"),
            tag("span", f"{each.done}/{each.total}", class_="number"),
        )
        for each in tally.passes.values()
    ]
    return [tag("p", bar, tag("span", words), class_="row"), tag("ul", *rows, class_="passes")]


def _buttons(task: Task) -> list[Markup]:
    if task.state == "running":
        names = [("pause", "Pause"), ("cancel", "Cancel")]
    elif task.state == "waiting":
        names = [("up", "Earlier"), ("down", "Later"), ("pause", "Pause"), ("cancel", "Cancel")]
    elif task.state == "paused":
        names = [("resume", "Go on"), ("cancel", "Cancel")]
    elif task.state in ("cancelled", "failed"):
        names = [("resume", "Go on from there")]
    else:
        names = []
    return [
        tag(
            "button",
            word,
            type="submit",
            data_act=f"/queue/{task.id}/{act}",
            aria_label=f"{word}: {task.title}",
        )
        for act, word in names
    ]


def spell(seconds: float) -> str:
    """`8 s`, `3:05 min`."""
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60}:{whole % 60:02d} min"
