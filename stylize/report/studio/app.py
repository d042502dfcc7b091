"""The studio's addresses: what each page shows, and what each button does."""

from __future__ import annotations

import shlex
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial, wraps
from pathlib import Path
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from stylize.config.packs.find import list_styles
from stylize.errors import CannotWrite, StylizeError, UsageError
from stylize.report.guard import Guard
from stylize.report.studio import commands, pages
from stylize.report.studio.library import KINDS, Library, Project
from stylize.report.studio.media import Media
from stylize.report.studio.pages import link
from stylize.report.studio.queue import StudioQueue
from stylize.report.studio.task import Lane
from stylize.report.studio.tasks_shown import task_list
from stylize.report.studio.uploads import (
    LARGEST_CLIP,
    LARGEST_PICTURE,
    TooLarge,
    keep_clip,
    keep_picture,
    receive,
)
from stylize.storage.atomic import atomic_write

ASSETS = {
    "page.css": Path(__file__).parent.parent / "page" / "page.css",
    "studio.css": Path(__file__).parent / "studio.css",
    "studio.js": Path(__file__).parent / "studio.js",
}
MOST_FORM = 64_000
"""Bytes of a form without files."""
REPORT_POLICY = "sandbox allow-scripts"
"""A report runs its own script, and is a stranger to the studio."""

Handler = Callable[["Studio", Request], Awaitable[Response]]
Form = dict[str, str]


def create_app(root: Path, token: str | None = None) -> Guard:
    """The studio of the projects in a folder.

    Args:
        token: what callers must have; None where only this machine is listened to.

    Raises:
        UsageError: the queue of an earlier studio cannot be read.
    """
    studio = Studio(Library(root.resolve()))

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        studio.queue.start()
        yield
        await run_in_threadpool(studio.queue.close)

    return Guard(Starlette(routes=studio.routes(), lifespan=lifespan), token)


def answering(handler: Handler) -> Handler:
    """An error of ours becomes a page that says it; an upload's becomes its words alone."""

    @wraps(handler)
    async def guarded(studio: Studio, request: Request) -> Response:
        try:
            return await handler(studio, request)
        except StylizeError as error:
            code = 413 if isinstance(error, TooLarge) else 507 if isinstance(error, CannotWrite) else 400
            if request.headers.get("x-studio"):
                hint = f" {error.hint[:1].upper()}{error.hint[1:]}." if error.hint else ""
                return PlainTextResponse(error.what + hint, code)
            back = request.headers.get("referer") or "/"
            return HTMLResponse(pages.error_page(error.what, error.hint, back), code)

    return guarded


async def form_of(request: Request) -> Form:
    """The fields of a form; of two with one name the last counts.

    Raises:
        TooLarge: no form of ours is that large.
    """
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_FORM:
            raise TooLarge("The form is too large.")
    return dict(parse_qsl(body.decode("utf-8", errors="replace"), max_num_fields=200))


class Studio:
    """The projects, the queue, and what is known of clips."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.media = Media()
        self.queue = StudioQueue(library)

    def routes(self) -> list[Route]:
        """Every address, and what answers there."""
        project, clip = "/p/{project}", "/p/{project}/clip/{clip}"
        get: dict[str, Handler] = {
            "/": home,
            "/assets/{name}": asset,
            "/cover/{style}": cover,
            "/queue": queue_page,
            "/queue/tasks": queue_tasks,
            project: project_page,
            f"{project}/films": films,
            f"{project}/tasks": project_tasks,
            f"{project}/poster/{{clip}}": poster,
            f"{project}/file/{{kind}}/{{name}}": file,
            f"{project}/train": train_page,
            f"{project}/train/tasks": training_tasks,
            clip: clip_page,
            f"{clip}/shots": shots,
            f"{clip}/frame/{{number:int}}": frame,
            f"{clip}/looks": looks,
            f"{clip}/tasks": clip_tasks,
            f"{clip}/key": key_page,
        }
        post: dict[str, Handler] = {
            "/projects": make_project,
            "/queue/{number:int}/{act}": act,
            f"{project}/clips": upload_clip,
            f"{project}/backdrops": upload_backdrop,
            f"{project}/drawings": make_drawings,
            f"{project}/train/{{drawings}}": train,
            f"{project}/train/{{drawings}}/drawings": upload_drawing,
            f"{project}/train/{{drawings}}/command": say_training,
            f"{clip}/command/{{what}}": say_command,
            f"{clip}/render": render,
            f"{clip}/batch": batch,
            f"{clip}/look": look,
            f"{clip}/key": key,
            f"{clip}/scene": make_scene,
        }
        methods = [("GET", get), ("POST", post)]
        return [
            Route(address, self._bound(handler), methods=[method])
            for method, table in methods
            for address, handler in table.items()
        ]

    def _bound(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        guarded = answering(handler)

        async def answer(request: Request) -> Response:
            return await guarded(self, request)

        return answer

    def project(self, request: Request) -> Project:
        return self.library.project(request.path_params["project"])

    def clip(self, request: Request) -> tuple[Project, Path]:
        """The project and the clip's file that an address names."""
        project = self.project(request)
        return project, project.file("clips", request.path_params["clip"])

    def queue_command(
        self, project: Project, title: str, made: tuple[list[str], str], lane: Lane, shows: str
    ) -> None:
        words, makes = made
        project.place(makes.split("/")[0])
        self.queue.add(project.name, title, words, lane, makes, shows)


def html(content: str | bytes) -> HTMLResponse:
    return HTMLResponse(content)


def back_to(*parts: str) -> RedirectResponse:
    return RedirectResponse(link(*parts), 303)


async def home(studio: Studio, request: Request) -> Response:
    return html(pages.home(studio.library))


async def asset(studio: Studio, request: Request) -> Response:
    path = ASSETS.get(request.path_params["name"])
    return FileResponse(path) if path else PlainTextResponse("There is nothing here.", 404)


async def cover(studio: Studio, request: Request) -> Response:
    """A style's own picture."""
    pack = next((each for each in list_styles() if each.name == request.path_params["style"]), None)
    path = pack.folder / Path(pack.style.cover).name if pack and pack.style.cover else None
    if path is None or not path.is_file() or path.suffix.lower() not in (".jpg", ".jpeg", ".png"):
        return PlainTextResponse("There is no picture.", 404)
    return FileResponse(path)


async def make_project(studio: Studio, request: Request) -> Response:
    form = await form_of(request)
    return back_to("p", studio.library.create(form.get("name", "")).name)


async def queue_page(studio: Studio, request: Request) -> Response:
    return html(pages.queue_page(studio.queue.tasks))


async def queue_tasks(studio: Studio, request: Request) -> Response:
    return html(task_list(list(studio.queue.tasks)))


async def act(studio: Studio, request: Request) -> Response:
    """What a task's buttons do."""
    number, name = request.path_params["number"], request.path_params["act"]
    acts: dict[str, Callable[[], None]] = {
        "cancel": lambda: studio.queue.stop(number, "cancelled"),
        "pause": lambda: studio.queue.stop(number, "paused"),
        "resume": lambda: studio.queue.resume(number),
        "up": lambda: studio.queue.move(number, -1),
        "down": lambda: studio.queue.move(number, 1),
    }
    if name not in acts:
        raise UsageError(f"A task cannot {name[:20]!r}.")
    await run_in_threadpool(acts[name])
    return PlainTextResponse("done")


async def project_page(studio: Studio, request: Request) -> Response:
    project = studio.project(request)
    return html(pages.project_page(project, studio.queue.of_project(project.name)))


async def films(studio: Studio, request: Request) -> Response:
    return html(pages.films_part(studio.project(request)))


async def project_tasks(studio: Studio, request: Request) -> Response:
    return html(task_list(studio.queue.of_project(studio.project(request).name)))


async def poster(studio: Studio, request: Request) -> Response:
    _, path = studio.clip(request)
    return Response(await run_in_threadpool(studio.media.frame, path, 0), media_type="image/jpeg")


async def file(studio: Studio, request: Request) -> Response:
    """A file that was made, to be looked at or kept."""
    kind, name = request.path_params["kind"], request.path_params["name"]
    if kind not in ("films", "looks"):
        raise UsageError("There is nothing here.")
    path = studio.project(request).file(kind, name)
    as_file = "attachment" if request.query_params.get("download") else "inline"
    headers = {"Content-Security-Policy": REPORT_POLICY} if path.suffix == ".html" else {}
    return FileResponse(path, filename=path.name, content_disposition_type=as_file, headers=headers)


async def clip_page(studio: Studio, request: Request) -> Response:
    project, path = studio.clip(request)
    clip = await run_in_threadpool(studio.media.clip, path)
    return html(pages.clip_page(project, path, clip, studio.queue.of_project(project.name)))


async def shots(studio: Studio, request: Request) -> Response:
    project, path = studio.clip(request)
    return html(pages.shots_part(project, path, await run_in_threadpool(studio.media.shots, path)))


async def frame(studio: Studio, request: Request) -> Response:
    _, path = studio.clip(request)
    number = request.path_params["number"]
    return Response(await run_in_threadpool(studio.media.frame, path, number), media_type="image/jpeg")


async def looks(studio: Studio, request: Request) -> Response:
    project, path = studio.clip(request)
    return html(pages.looks_part(project, path, studio.queue.of_project(project.name)))


async def clip_tasks(studio: Studio, request: Request) -> Response:
    project, path = studio.clip(request)
    tasks = studio.queue.of_project(project.name)
    return html(task_list(pages.rendered(path, tasks)))


async def key_page(studio: Studio, request: Request) -> Response:
    project, path = studio.clip(request)
    clip = await run_in_threadpool(studio.media.clip, path)
    return html(pages.key_page(project, path, clip, studio.queue.of_project(project.name)))


async def train_page(studio: Studio, request: Request) -> Response:
    project = studio.project(request)
    return html(pages.train_page(project, studio.queue.of_project(project.name)))


async def training_tasks(studio: Studio, request: Request) -> Response:
    tasks = studio.queue.of_project(studio.project(request).name)
    return html(task_list(pages.trainings(tasks)))


async def say_command(studio: Studio, request: Request) -> Response:
    """The command that a form stands for as it is filled in."""
    project, path = studio.clip(request)
    makers: dict[str, Callable[[str, Form], tuple[list[str], str]]] = {
        "render": partial(commands.run_words, project),
        "look": commands.look_words,
        "key": commands.key_words,
    }
    maker = makers.get(request.path_params["what"])
    if maker is None:
        raise UsageError("There is no such command.")
    words, _ = maker(path.name, await form_of(request))
    return PlainTextResponse(shlex.join(["stylize", *(word.replace("{id}", "1") for word in words)]))


async def render(studio: Studio, request: Request) -> Response:
    project, path = studio.clip(request)
    made = commands.run_words(project, path.name, await form_of(request))
    studio.queue_command(project, f"Film of {path.name}", made, "render", path.name)
    return back_to("p", project.name, "clip", path.name)


async def batch(studio: Studio, request: Request) -> Response:
    """Every shot of a clip as a film of its own."""
    project, path = studio.clip(request)
    form = await form_of(request)
    for number, shot in enumerate(await run_in_threadpool(studio.media.shots, path), start=1):
        part = {"start": f"{shot.start}f", "end": f"{shot.end}f"}
        made = commands.run_words(project, path.name, {**form, **part})
        studio.queue_command(project, f"Shot {number} of {path.name}", made, "render", path.name)
    return back_to("p", project.name, "clip", path.name)


async def look(studio: Studio, request: Request) -> Response:
    project, path = studio.clip(request)
    made = commands.look_words(path.name, await form_of(request))
    studio.queue_command(project, f"Try on {path.name}", made, "look", path.name)
    return _stay(request) or back_to("p", project.name, "clip", path.name)


async def key(studio: Studio, request: Request) -> Response:
    project, path = studio.clip(request)
    made = commands.key_words(path.name, await form_of(request))
    for task in studio.queue.of_project(project.name):  # only the newest key is looked at
        if task.lane == "look" and task.state == "waiting" and task.words[0] == "key":
            studio.queue.stop(task.id, "cancelled")
    studio.queue_command(project, f"Key of {path.name}", made, "look", path.name)
    return _stay(request) or back_to("p", project.name, "clip", path.name, "key")


def _stay(request: Request) -> Response | None:
    """The answer to the script, which shows what comes without leaving the page."""
    return PlainTextResponse("queued") if request.headers.get("x-studio") else None


async def make_scene(studio: Studio, request: Request) -> Response:
    project, path = studio.clip(request)
    form = await form_of(request)
    backdrop = form.get("backdrop", "").strip()
    if backdrop:
        backdrop = project.file("backdrops", backdrop).name
    scene = project.place("scenes") / f"{path.stem}.toml"
    atomic_write(scene, commands.scene_text(form, backdrop).encode())
    return back_to("p", project.name, "clip", path.name)


async def make_drawings(studio: Studio, request: Request) -> Response:
    project = studio.project(request)
    name = commands.style_name((await form_of(request)).get("name", ""))
    (project.place("drawings") / name).mkdir(exist_ok=True)
    return back_to("p", project.name, "train")


def _drawings(studio: Studio, request: Request) -> tuple[Project, str]:
    project, name = studio.project(request), request.path_params["drawings"]
    if name not in [folder.name for folder in project.drawing_sets()]:
        raise UsageError(f"There are no drawings called {name[:80]!r}.")
    return project, name


async def say_training(studio: Studio, request: Request) -> Response:
    _, name = _drawings(studio, request)
    return PlainTextResponse(shlex.join(["stylize", *commands.train_words(name, await form_of(request))[0]]))


async def train(studio: Studio, request: Request) -> Response:
    project, name = _drawings(studio, request)
    made = commands.train_words(name, await form_of(request))
    studio.queue_command(project, f"Style {name}", made, "render", name)
    return back_to("p", project.name, "train")


async def upload_clip(studio: Studio, request: Request) -> Response:
    project = studio.project(request)
    _check_suffix(request, KINDS["clips"])
    temporary = await _received(request, project, LARGEST_CLIP)
    kept = await run_in_threadpool(keep_clip, temporary, request.query_params.get("name", ""), project)
    return PlainTextResponse(kept.name)


async def upload_backdrop(studio: Studio, request: Request) -> Response:
    project = studio.project(request)
    temporary = await _received(request, project, LARGEST_PICTURE)
    name = request.query_params.get("name", "")
    return PlainTextResponse(
        (await run_in_threadpool(keep_picture, temporary, name, project, "backdrops")).name
    )


async def upload_drawing(studio: Studio, request: Request) -> Response:
    project, folder = _drawings(studio, request)
    temporary = await _received(request, project, LARGEST_PICTURE)
    name, kind = request.query_params.get("name", ""), f"drawings/{folder}"
    return PlainTextResponse((await run_in_threadpool(keep_picture, temporary, name, project, kind)).name)


def _check_suffix(request: Request, suffixes: tuple[str, ...]) -> None:
    """Refuses a file before it is sent."""
    if Path(request.query_params.get("name", "")).suffix.lower() not in suffixes:
        raise UsageError("This file is not taken here.", hint=f"use {', '.join(suffixes)}")


async def _received(request: Request, project: Project, most_bytes: int) -> Path:
    announced = request.headers.get("content-length", "")
    count = int(announced) if announced.isascii() and announced.isdigit() else None
    return await receive(request.stream(), count, project.folder, most_bytes)
