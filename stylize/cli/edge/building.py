"""Building an export, and showing the stages of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from stylize.cli.terminal import Terminal
from stylize.cli.units import spell_bytes

if TYPE_CHECKING:
    from stylize.edge.quantize.build import BuiltExport
    from stylize.edge.quantize.request import BuildRequest


def build_export(request: BuildRequest, terminal: Terminal) -> BuiltExport:
    """Builds the parts that are missing."""
    from stylize.edge.quantize.build import build, memory_of

    terminal.note(f"{request.target}: takes about {spell_bytes(memory_of(request.checkpoint))} of memory")
    with stages(terminal) as show:
        return build(request, show)


def is_built(request: BuildRequest) -> bool:
    """Whether the export is there already."""
    return (request.out / "edge.json").is_file()


@contextmanager
def stages(terminal: Terminal) -> Iterator[Callable[[str, str], None]]:
    """What is being done, in a line that is overwritten; a line each in a log; as JSON, an object for each stage.

    Yields:
        What shows a stage, by its name and in words.
    """
    if terminal.as_json:
        yield lambda stage, words: terminal.emit({"event": "stage", "name": stage, "words": words})
    elif terminal.quiet or not terminal.progress:
        yield lambda stage, words: None
    elif not terminal.err.is_terminal:
        yield lambda stage, words: terminal.say(f"{stage}: {words}")
    else:
        with terminal.err.status("...") as line:
            yield lambda stage, words: line.update(f"{stage}: {words}")
