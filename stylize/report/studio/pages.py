"""The studio's pages."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from stylize.config.packs.find import list_styles
from stylize.config.packs.pack import StylePack
from stylize.config.settings import RunSettings
from stylize.footage.clip import Clip, Shot
from stylize.report.page.markup import Content, Markup, join, tag
from stylize.report.studio.commands import KEY_SETTINGS, SETTINGS
from stylize.report.studio.controls import control, form, setting_control
from stylize.report.studio.library import KINDS, PICTURES, Library, Project
from stylize.report.studio.task import Task
from stylize.report.studio.tasks_shown import live, task_list

MAIN_SETTINGS = 5
"""Settings that are shown at once; the others are folded away."""


def link(*parts: str) -> str:
    """An address on this server, its parts escaped."""
    return "/" + "/".join(quote(part, safe="") for part in parts)


def page(title: str, *content: Content, trail: tuple[tuple[str, str], ...] = (), said: str = "") -> bytes:
    """A whole page.

    Args:
        trail: the pages above this one: name and address.
        said: what went wrong with the last thing that was asked.
    """
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", f"{title} - stylize studio"),
        Markup('<link rel="icon" href="data:,"><link rel="stylesheet" href="/assets/page.css">'),
        Markup('<link rel="stylesheet" href="/assets/studio.css">'),
        Markup('<script src="/assets/studio.js" defer></script>'),
    )
    crumbs = [tag("a", name, href=address) for name, address in (("Studio", "/"), *trail)]
    top = tag(
        "header",
        tag("nav", *(tag("span", crumb) for crumb in crumbs), class_="crumbs", aria_label="Where you are"),
        tag("a", "Queue", href="/queue"),
        class_="top",
    )
    alert = tag("p", said, role="alert", class_="alert") if said else None
    skip = tag("a", "Skip to the content", href="#content", class_="skip")
    body = tag("body", skip, top, tag("main", tag("h1", title), alert, *content, id="content"))
    return f"<!doctype html>\n{tag('html', head, body, lang='en')}\n".encode()


def home(library: Library, said: str = "") -> bytes:
    """Every project, and a form for a new one."""
    cards = [
        tag(
            "li",
            tag(
                "a",
                tag("strong", each.name),
                tag("span", _contents(each), class_="quiet"),
                href=link("p", each.name),
            ),
        )
        for each in library.projects()
    ]
    new = form("/projects", _text("name", "Name of the project"), button="Make the project")
    listing = (
        tag("ul", *cards, class_="cards") if cards else tag("p", "There is no project yet.", class_="quiet")
    )
    where = tag("p", "Projects are folders in ", tag("code", str(library.root)), ".", class_="quiet")
    return page("Projects", listing, tag("h2", "New project"), new, where, said=said)


def _contents(project: Project) -> str:
    clips, films = (
        len(project.files("clips")),
        len([f for f in project.files("films") if f.suffix != ".html"]),
    )
    return f"{clips} clip{'s' * (clips != 1)}, {films} film{'s' * (films != 1)}"


def _text(name: str, label: str, value: str = "") -> Markup:
    field = tag(
        "input", type="text", id=name, name=name, value=value, required=True, autocomplete="off", maxlength=80
    )
    return tag("div", tag("label", label, for_=name), field, class_="control")


def _upload(action: str, label: str, suffixes: tuple[str, ...], *, many: bool = True) -> Markup:
    """A form for files; the script also takes those that are dropped on it."""
    place = f"up-{action}"
    field = tag("input", type="file", id=place, name="file", accept=",".join(suffixes), multiple=many)
    return tag(
        "form",
        tag("label", label, for_=place),
        field,
        tag("p", "", data_upload_said=True, role="status", class_="quiet"),
        class_="drop",
        data_upload=action,
    )


def project_page(project: Project, tasks: list[Task], said: str = "") -> bytes:
    """A project's clips, its films, and what is being made."""
    name = project.name
    clips = [
        tag(
            "li",
            tag(
                "a",
                tag(
                    "img",
                    src=link("p", name, "poster", file.name),
                    alt="",
                    loading="lazy",
                    width=320,
                    height=180,
                ),
                tag("strong", file.name),
                href=link("p", name, "clip", file.name),
            ),
        )
        for file in project.files("clips")
    ]
    return page(
        name,
        tag("ul", *clips, class_="cards pictures")
        if clips
        else tag("p", "Put a clip in first.", class_="quiet"),
        _upload(link("p", name, "clips"), "Add clips: choose files, or drop them here", KINDS["clips"]),
        tag("h2", "Films"),
        live(link("p", name, "films"), films_part(project)),
        tag("h2", "Being made"),
        live(link("p", name, "tasks"), task_list(tasks)),
        tag("h2", "A style of your own"),
        tag("p", tag("a", "Train a style on drawings", href=link("p", name, "train"))),
        trail=((name, link("p", name)),),
        said=said,
    )


def films_part(project: Project) -> Markup:
    """The films of a project, each to be looked at and downloaded."""
    films = [file for file in project.files("films") if file.suffix.lower() in (".mp4", ".mov")]
    if not films:
        return tag("p", "No film yet.", class_="quiet")
    rows = []
    for film in films:
        report = film.with_name(f"{film.name}.report.html")
        seen = tag("a", "Report", href=link("p", project.name, "file", "films", report.name), target="_blank")
        fetch = tag("a", "Download", href=link("p", project.name, "file", "films", film.name) + "?download=1")
        rows.append(
            tag(
                "tr",
                tag("th", film.name, scope="row"),
                tag("td", seen if report.is_file() else None),
                tag("td", fetch),
            )
        )
    return tag("table", tag("tbody", *rows))


def clip_page(project: Project, file: Path, clip: Clip, tasks: list[Task], said: str = "") -> bytes:
    """One clip: its shots, the looks and settings, a try on a frame, and the render."""
    name = project.name
    here = link("p", name, "clip", file.name)
    styles = list_styles()
    facts = f"{clip.width} x {clip.height}, {float(clip.rate):.6g} frames a second, {clip.frame_count} frames"
    middle = f"{clip.frame_count // 2}f"
    moment = tag(
        "div",
        tag("label", "--preview", for_="preview"),
        tag(
            "input", type="text", id="preview", name="preview", value=middle, aria_describedby="preview-help"
        ),
        tag(
            "p",
            "frames to try it on: 12f or 00:03; blanks separate several",
            class_="help",
            id="preview-help",
        ),
        class_="control",
    )
    tries = control("try", "several values of one setting, side by side: strength=0.4,0.7,1")
    scenes = [each.name for each in project.files("scenes")]
    comp = control("comp", "a green-screen scene made below", tuple(scenes)) if scenes else None
    settings = [setting_control(each, _default(each)) for each in SETTINGS]
    chosen = form(
        f"{here}/render",
        tag("fieldset", tag("legend", "--style"), tag("div", *map(_style, styles), class_="styles")),
        tag("div", *settings[:MAIN_SETTINGS], comp, class_="controls-grid"),
        tag(
            "details",
            tag("summary", "More settings"),
            tag("div", *settings[MAIN_SETTINGS:], class_="controls-grid"),
        ),
        tag("h2", "Try it on frames"),
        tag("div", moment, tries, class_="controls-grid"),
        tag(
            "pre",
            "",
            data_command=f"{here}/command/look",
            class_="command",
            aria_label="The command of the try",
        ),
        tag("p", tag("button", "Try", type="submit", formaction=f"{here}/look")),
        live(f"{here}/looks", looks_part(project, file, tasks)),
        tag("h2", "Render"),
        button="Add to the queue",
        command=f"{here}/command/render",
        id="settings",
    )
    return page(
        file.name,
        tag("p", facts, class_="quiet"),
        tag("p", tag("a", "Green screen: key this clip", href=f"{here}/key")),
        tag("h2", "Look"),
        chosen,
        # After the form: the first of a form's buttons on a page is what Enter in its fields presses.
        tag("div", tag("p", "Looking for shots...", class_="quiet"), data_once=f"{here}/shots"),
        tag("h2", "Being made of this clip"),
        live(
            f"{here}/tasks",
            task_list([task for task in tasks if task.shows == file.name and task.lane == "render"]),
        ),
        trail=((name, link("p", name)), (file.name, here)),
        said=said,
    )


def rendered(file: Path, tasks: list[Task]) -> list[Task]:
    """The tasks that make films of a clip."""
    return [task for task in tasks if task.shows == file.name and task.lane == "render"]


def _default(name: str) -> object:
    default = RunSettings.model_fields[name].get_default()
    return {"strength": "style", "steps": "style"}.get(name, "") if default is None else default


def _style(pack: StylePack) -> Markup:
    number = f"style-{pack.name}"
    cover = pack.style.cover
    source = link("cover", pack.name)
    blank = tag("span", class_="blank")
    picture = tag("img", src=source, alt="", loading="lazy", width=240, height=150) if cover else blank
    words = [tag("strong", pack.name), tag("span", pack.style.description, class_="help")]
    chosen = pack.name == "anime"
    button = tag("input", type="radio", name="style", id=number, value=pack.name, checked=chosen)
    return tag("label", picture, button, *words, for_=number, class_="style")


def shots_part(project: Project, file: Path, shots: list[Shot]) -> Markup:
    """A frame of every shot, the first forty of them, and a way to queue each for itself."""
    here = link("p", project.name, "clip", file.name)
    cells = [
        tag(
            "figure",
            tag(
                "img",
                src=f"{here}/frame/{(shot.start + shot.end) // 2}",
                alt=f"Shot {number}",
                loading="lazy",
                width=240,
                height=135,
            ),
            tag("figcaption", f"{number}: frames {shot.start} to {shot.end - 1}"),
        )
        for number, shot in enumerate(shots[:40], start=1)
    ]
    count = tag("h2", f"{len(shots)} shot{'s' * (len(shots) != 1)}")
    each = tag(
        "p",
        tag(
            "button", "Queue every shot by itself", type="submit", form="settings", formaction=f"{here}/batch"
        ),
    )
    return join(count, tag("div", *cells, class_="strip"), each if len(shots) > 1 else None)


def looks_part(project: Project, file: Path, tasks: list[Task]) -> Markup:
    """The last pictures that were tried on a clip, the newest first."""
    looks = [task for task in tasks if task.shows == file.name and task.lane == "look"][-4:]
    cells: list[Markup] = []
    for task in reversed(looks):
        if task.state == "done":
            source = link("p", project.name, "file", *task.makes.split("/"))
            cells.append(
                tag(
                    "figure",
                    tag(
                        "a",
                        tag("img", src=source, alt=f"{task.title}", class_="checker"),
                        href=source,
                        target="_blank",
                    ),
                    tag("figcaption", tag("code", task.command)),
                    class_="look",
                )
            )
        else:
            cells.append(task_list([task]))
    return tag("div", *cells) if cells else tag("p", "Nothing tried yet.", class_="quiet")


def key_page(project: Project, file: Path, clip: Clip, tasks: list[Task], said: str = "") -> bytes:
    """The key of a green-screen clip, seen on a frame, and its backdrop."""
    here = link("p", project.name, "clip", file.name)
    helps = {
        "screen": "the screen's colour: auto, green, blue or #rrggbb",
        "black": "alpha up to this becomes 0",
        "white": "alpha from this on becomes 1",
        "despill": "how far the screen's colour is taken out of the subject",
    }
    defaults = {"screen": "auto", "black": 0.0, "white": 1.0, "despill": 1.0}
    keys = [
        control(name, helps[name], (), None if name == "screen" else (0, 1), defaults[name])
        for name in KEY_SETTINGS
    ]
    last = clip.frame_count - 1
    frame = tag(
        "div",
        tag("label", "Frame", for_="frame"),
        tag(
            "input",
            type="number",
            id="frame",
            name="frame",
            min=0,
            max=last,
            value=last // 2,
        ),
        class_="control",
    )
    backdrops = tuple(each.name for each in project.files("backdrops"))
    draw = tag(
        "label",
        tag("input", type="checkbox", name="draw", value="yes", checked=True),
        " drawn in the film's style",
    )
    place = [
        control("backdrop", "a picture of the project; without one the backdrop is grey", backdrops),
        control("scale", "of the picture; 1 fills the frame", (), None, 1.0),
        tag("p", draw),
    ]
    content = form(
        f"{here}/scene",
        tag("div", frame, *keys, class_="controls-grid"),
        tag(
            "pre",
            "",
            data_command=f"{here}/command/key",
            class_="command",
            aria_label="The command of the key",
        ),
        tag("p", tag("button", "See the key", type="submit", formaction=f"{here}/key", data_autosend=True)),
        live(f"{here}/looks", looks_part(project, file, tasks)),
        tag("h2", "Backdrop"),
        tag("div", *place, class_="controls-grid"),
        button="Keep as a scene",
    )
    upload = _upload(
        link("p", project.name, "backdrops"), "Add a backdrop: choose a picture, or drop it", PICTURES
    )
    return page(
        f"Key {file.name}",
        content,
        upload,
        trail=((project.name, link("p", project.name)), (file.name, here)),
        said=said,
    )


def train_page(project: Project, tasks: list[Task], said: str = "") -> bytes:
    """Sets of drawings, and the training of a style on one of them."""
    name = project.name
    blocks: list[Markup] = []
    for number, folder in enumerate(project.drawing_sets()):
        here = link("p", name, "train", folder.name)
        count = len([each for each in folder.iterdir() if each.suffix.lower() in PICTURES])
        about = "more learn more, up to a point; some hundreds are a start"
        steps = control("steps", about, default=600, place=f"steps-{number}")
        blocks += [
            tag("h2", folder.name),
            tag(
                "p",
                f"{count} drawing{'s' * (count != 1)}. Eight are enough to try, forty are good.",
                class_="quiet",
            ),
            _upload(f"{here}/drawings", f"Add drawings to {folder.name}", PICTURES),
            form(here, steps, button=f"Train on {folder.name}", command=f"{here}/command")
            if count
            else tag("p"),
        ]
    new = form(
        link("p", name, "drawings"), _text("name", "Name of the style"), button="Make a set of drawings"
    )
    return page(
        "Train a style",
        *blocks,
        tag("h2", "New set"),
        new,
        tag("h2", "Being trained"),
        live(link("p", name, "train", "tasks"), task_list(trainings(tasks))),
        trail=((name, link("p", name)), ("Train", link("p", name, "train"))),
        said=said,
    )


def trainings(tasks: list[Task]) -> list[Task]:
    """The tasks that train a style."""
    return [task for task in tasks if task.words[0] == "train"]


def queue_page(tasks: list[Task]) -> bytes:
    """Everything that is being made, of all projects."""
    return page("Queue", live("/queue/tasks", task_list(tasks)), trail=(("Queue", "/queue"),))


def error_page(what: str, hint: str | None, address: str) -> bytes:
    """What went wrong, and the way back."""
    return page(
        "That did not work",
        tag("p", what, role="alert", class_="alert"),
        tag("p", f"{hint[:1].upper()}{hint[1:]}.") if hint else None,
        tag("p", tag("a", "Back", href=address)),
    )
