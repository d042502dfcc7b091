"""What people choose on the studio's pages, as the words of commands."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from stylize.config.explain import explain
from stylize.config.packs.find import find_style
from stylize.config.packs.install import check_style_name
from stylize.config.settings import RunSettings
from stylize.errors import UsageError
from stylize.report.studio.library import Project, safe_name

SETTINGS = (
    *("strength", "deflicker", "cadence", "hold", "repair", "seed", "steps", "quality", "size", "guidance"),
    *("prompt", "start", "end", "format"),
)
"""The settings that the page offers, in its order; each is an option of `stylize run` of the same name."""
KEY_SETTINGS = ("screen", "black", "white", "despill")
"""Options of `stylize key`."""


def flag(name: str) -> str:
    """How an option is written on the command line."""
    return f"--{name.replace('_', '-')}"


def settings_given(form: Mapping[str, str]) -> dict[str, str]:
    """The settings of a form that are filled in, checked.

    Raises:
        UsageError: a value that a setting cannot have, or a style that is not here.
    """
    given = {name: form[name].strip() for name in ("style", *SETTINGS) if form.get(name, "").strip()}
    try:
        RunSettings(**given)
    except ValidationError as error:
        raise UsageError(explain(error)) from error
    if "style" in given:
        find_style(given["style"])
    return given


def options(given: Mapping[str, str]) -> list[str]:
    """Settings as words; a value that begins with a dash is written so that it stays a value."""
    pairs = (
        [f"{flag(name)}={value}"] if value.startswith("-") else [flag(name), value]
        for name, value in given.items()
    )
    return [word for pair in pairs for word in pair]


def run_words(project: Project, clip: str, form: Mapping[str, str]) -> tuple[list[str], str]:
    """The command that draws a clip, and the file that it makes; `{id}` stands for the task's number."""
    given = settings_given(form)
    ending = "mov" if given.get("format") == "prores" else "mp4"
    if given.get("format") not in (None, "mp4", "prores"):
        raise UsageError(
            "The studio makes films.", hint="use mp4 or prores; the command line makes sequences"
        )
    stem = clip.rpartition(".")[0]
    film = f"films/{stem}.{safe_name(given.get('style', 'anime'))}.{{id}}.{ending}"
    scene = form.get("comp", "").strip()
    behind = ["--comp", f"scenes/{project.file('scenes', scene).name}"] if scene else []
    return ["run", f"clips/{clip}", *options(given), *behind, "-o", film, "-y"], film


def look_words(clip: str, form: Mapping[str, str]) -> tuple[list[str], str]:
    """The command that draws one frame, beside its source, or a sheet of several values."""
    given = settings_given(form)
    moments = form.get("preview", "").replace(",", " ").split() or ["0"]
    picture = f"looks/{clip.rpartition('.')[0]}.{{id}}.png"
    words = ["run", f"clips/{clip}", *options({k: v for k, v in given.items() if k not in ("start", "end")})]
    for moment in moments[:6]:
        words += ["--preview", moment]
    if form.get("try", "").strip():
        words += ["--try", form["try"].strip()]
    return [*words, "-o", picture, "-y"], picture


def key_words(clip: str, form: Mapping[str, str]) -> tuple[list[str], str]:
    """The command that cuts one frame's subject out.

    Raises:
        UsageError: a number that is none, or a frame that cannot be meant.
    """
    frame = form.get("frame", "").strip() or "0"
    if not frame.isascii() or not frame.isdigit():
        raise UsageError(f"{frame!r} is no frame's number.")
    given = {name: form[name].strip() for name in KEY_SETTINGS if form.get(name, "").strip()}
    for name in KEY_SETTINGS[1:]:
        _share(name, given)
    name = f"looks/{clip.rpartition('.')[0]}.key.{{id}}"
    words = ["key", f"clips/{clip}", *options(given), "--start", f"{frame}f", "--end", f"{int(frame) + 1}f"]
    return [*words, "-o", f"{name}.png", "-y"], f"{name}.{int(frame):06d}.png"  # stills bear their number


def scene_text(form: Mapping[str, str], backdrop: str) -> str:
    """A scene file for a key and a backdrop, in words that `stylize run --comp` reads.

    Raises:
        UsageError: a value that a scene cannot have.
    """
    from stylize.comp.scene import Scene

    lines = ["[key]"]
    if form.get("screen", "").strip():
        lines.append(f"screen = {_quoted(form['screen'].strip())}")
    given = {name: form[name].strip() for name in KEY_SETTINGS[1:] if form.get(name, "").strip()}
    for name in given:
        _share(name, given)
    lines += [f"{name} = {float(value)}" for name, value in given.items()]
    lines += ["", "[camera]", 'source = "locked"', "", "[backdrop]"]
    if backdrop:
        scale = form.get("scale", "").strip() or "1.0"
        lines += [
            'kind = "still"',
            f"file = {_quoted(f'../backdrops/{backdrop}')}",
            f"scale = {_number(scale)}",
        ]
        lines.append(f"draw = {'true' if form.get('draw') else 'false'}")
    else:
        lines.append('kind = "flat"')
    text = "\n".join(lines) + "\n"
    try:
        Scene(**tomllib.loads(text))
    except ValidationError as error:
        raise UsageError(explain(error)) from error
    return text


def style_name(text: str) -> str:
    """What a style is called whose drawings are a set of this name.

    Raises:
        UsageError: no style can be called so: its training would end with that.
    """
    name = safe_name(text).replace(" ", "-").lower()
    try:
        check_style_name(name, Path(name))
    except UsageError as error:
        raise UsageError(
            error.what, hint="choose another name: letters from a to z, digits, dots and dashes"
        ) from error
    return name


def train_words(drawings: str, form: Mapping[str, str]) -> tuple[list[str], str]:
    """The command that trains a style on a set of drawings and installs it."""
    name = style_name(form.get("name", "") or drawings)
    steps = form.get("steps", "").strip() or "600"
    if not steps.isascii() or not steps.isdigit() or not 1 <= int(steps) <= 20_000:
        raise UsageError("The number of steps lies between 1 and 20000.")
    folder = f"training/{name}"
    words = ["train", "style", f"drawings/{drawings}", "--name", name, "--steps", steps]
    return [*words, "-o", folder, "--install"], folder


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _share(name: str, given: Mapping[str, str]) -> None:
    if name in given and not 0 <= _number(given[name]) <= 1:
        raise UsageError(f"{name} lies between 0 and 1, not at {given[name]}.")


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no number.") from error
