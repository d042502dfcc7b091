"""`stylize live`: what a camera sees, drawn while it is seen."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from stylize.cli.live_page import serve_live_page
from stylize.cli.run_options import settings_options
from stylize.cli.terminal import Terminal
from stylize.config.read_settings import read_settings
from stylize.errors import UsageError

if TYPE_CHECKING:
    from stylize.config.settings import RunSettings
    from stylize.generators.live.outputs import LiveOutput
    from stylize.generators.live.view import Drawer, LiveState

MODEL, BEHIND, OUTPUT, PAGE = "Model", "Background", "Output", "Page"
TierName = Literal["auto", "live-s", "live-m", "live-l", "mini-int8", "mini", "full"]


def _flag(panel: str, *names: str, help: str, metavar: str | None = None) -> Any:
    return typer.Option(*names, help=help, metavar=metavar, rich_help_panel=panel, show_default=False)


@dataclass(frozen=True)
class LiveModelOptions:
    """With what is drawn."""

    tier: Annotated[
        TierName | None,
        _flag(
            MODEL,
            "--tier",
            help="auto takes the best that this device draws at a camera's speed; default: auto",
        ),
    ] = None
    server: Annotated[
        str | None,
        _flag(
            MODEL,
            "--server",
            metavar="URL",
            help="fetch the tier's model from a server's catalogue, and keep it",
        ),
    ] = None


@dataclass(frozen=True)
class BackgroundOptions:
    """What is behind the person."""

    background: Annotated[
        str | None,
        _flag(
            BEHIND,
            "--background",
            metavar="blur|#RRGGBB|FILE",
            help="blur what is behind the person, or replace it",
        ),
    ] = None
    matte: Annotated[
        str,
        _flag(
            *(BEHIND, "--matte"),
            metavar="SOURCE",
            help="how the person is found: screen, screen:#00ff00, rembg or rembg:MODEL; default: rembg",
        ),
    ] = "rembg"


@dataclass(frozen=True)
class LiveOutputOptions:
    """Where the drawings go, and for how long."""

    out: Annotated[
        str | None,
        _flag(
            *(OUTPUT, "-o", "--out", "--output"),
            metavar="FILE|DEVICE|-",
            help="a film (.mp4, .mkv, .mov), a loopback camera (/dev/videoN), or - for raw rgb24 on stdout; "
            "by default a window",
        ),
    ] = None
    frames: Annotated[
        int | None, _flag(OUTPUT, "--frames", metavar="N", help="stop after so many drawings")
    ] = None
    overwrite: Annotated[bool, _flag(OUTPUT, "-y", "--overwrite", help="replace the film if it exists")] = (
        False
    )


@dataclass(frozen=True)
class PageOptions:
    """The live view in a browser."""

    web: Annotated[
        bool, _flag(PAGE, "--web", help="open a page that draws in the browser, from the browser's camera")
    ] = False
    port: Annotated[
        int,
        typer.Option("--port", min=0, max=65535, help="0 chooses a free one", rich_help_panel=PAGE),
    ] = 8766
    show: Annotated[
        bool,
        typer.Option("--open/--no-open", help="open the page in the browser", rich_help_panel=PAGE),
    ] = True


def live(
    terminal: Terminal,
    *,
    source: Annotated[
        str | None,
        typer.Argument(metavar="[CAMERA|FILE|-]", help="a camera's number, a film, or a film on stdin"),
    ] = None,
    flags: Annotated[
        dict[str, Any],
        settings_options("style", "model", "size", "device", "precision", "offline", build=dict),
    ],
    model: LiveModelOptions,
    behind: BackgroundOptions,
    output: LiveOutputOptions,
    capture: Annotated[
        str | None, typer.Option("--capture", metavar="WxH", help="the size that a camera is asked for")
    ] = None,
    page: PageOptions,
) -> None:
    """Draw what a camera sees, while it is seen.

    Pictures that arrive while one is drawn are dropped rather than shown late. The rate, and how long a picture
    takes from the camera to the drawing, are said once a second.
    """
    if page.web:
        others = {
            "CAMERA": source,
            "--tier": model.tier,
            "--server": model.server,
            "--background": behind.background,
            "--out": output.out,
            "--frames": output.frames,
            "--capture": capture,
        }
        serve_live_page(
            terminal, flags, page.port, page.show, [name for name in others if others[name] is not None]
        )
        return
    if source is None:
        raise UsageError(
            "What is to be drawn?", hint="name a camera (stylize live 0), or open the page: --web"
        )
    from stylize.footage.camera import PIPE, open_camera

    if output.out == PIPE and terminal.as_json:
        raise UsageError("-o - and --json would both write to stdout.", hint="leave one of them out")
    from stylize.generators.live.background import make_backdrop
    from stylize.generators.live.view import run_live

    settings = read_settings(**flags)
    drawer, short_side = _drawer(settings, model, terminal)
    backdrop = None
    if behind.background is not None:
        backdrop = make_backdrop(behind.background, behind.matte, settings.offline)
    with contextlib.closing(open_camera(source, _size(capture))) as camera, _opened(output) as shown:
        state = run_live(
            camera,
            drawer,
            shown,
            short_side,
            backdrop=backdrop,
            report=lambda state: _report(state, terminal),
            stop=lambda state: output.frames is not None and state.shown >= output.frames,
        )
    _report(state, terminal, over=True)


def _drawer(settings: RunSettings, model: LiveModelOptions, terminal: Terminal) -> tuple[Drawer, int]:
    """What draws, and at which short side, px."""
    from stylize.generators.live.models import load_drawer

    if settings.model is not None and (model.tier is not None or model.server is not None):
        raise UsageError("--model names what draws.", hint="leave --tier and --server out, or --model")
    loaded = load_drawer(settings, model.tier or "auto", model.server)
    for note in loaded.notes:
        terminal.say(note)
    return loaded.drawer, loaded.short_side


@contextlib.contextmanager
def _opened(options: LiveOutputOptions) -> Iterator[LiveOutput]:
    """The output; a film is kept where the view ended, also by Ctrl-C, and thrown away where it failed."""
    from stylize.generators.live.outputs import open_output

    output = open_output(options.out, sys.stdout.buffer, options.overwrite)
    try:
        yield output
    except BaseException:
        output.close(whole=False)
        raise
    else:
        output.close(whole=True)


def _report(state: LiveState, terminal: Terminal, over: bool = False) -> None:
    if terminal.as_json:
        terminal.emit({"event": "live-ended" if over else "live", **vars(state)})
        return
    width, height = state.size
    words = (
        f"{state.rate:.1f} a second at {width}x{height}, {1000 * state.latency_s:.0f} ms from picture to drawing "
        f"(longest {1000 * state.worst_s:.0f}), {state.shown} shown, {state.dropped} dropped"
    )
    terminal.say(words)


def _size(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    width, _, height = text.lower().partition("x")
    if not (width.isdecimal() and height.isdecimal() and int(width) and int(height)):
        raise UsageError(f"{text!r} is no size.", where="--capture", hint="write 1280x720")
    return int(width), int(height)
