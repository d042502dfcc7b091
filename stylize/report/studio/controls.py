"""The controls of a form: each has the name of a command-line option, and says what it is for."""

from __future__ import annotations

from typing import Any, Literal, get_args, get_origin

from stylize.config.settings import RunSettings
from stylize.report.page.markup import Markup, join, tag
from stylize.report.studio.commands import flag


def setting_control(name: str, default: object = None, value: str = "") -> Markup:
    """A control for a setting of a run: its choices and bounds come from the setting itself.

    Args:
        default: what counts where it is left empty.
    """
    field = RunSettings.model_fields[name]
    return control(name, field.description or "", _choices(field.annotation), _bounds(field), default, value)


def control(
    name: str,
    help: str,
    choices: tuple[str, ...] = (),
    bounds: tuple[float, float] | None = None,
    default: object = None,
    value: str = "",
    place: str = "",
) -> Markup:
    """A labelled control: a list, a slider with its number, or a line of text.

    Args:
        place: its id, where several forms of a page have a control of this name; by default the name.
    """
    place = place or name
    shown = "" if default in (None, "") else f"{default:g}" if isinstance(default, float) else str(default)
    label = tag("label", flag(name), for_=place)
    usual = f". Default: {shown}." if shown else "."
    described = tag("p", help, usual, class_="help", id=f"{place}-help")
    common: dict[str, Any] = {"id": place, "name": name, "aria_describedby": f"{place}-help"}
    if choices:
        first = tag("option", f"default{f': {shown}' if shown else ''}", value="")
        entries = [tag("option", each, value=each, selected=each == value) for each in choices]
        field = tag("select", first, *entries, **common)
    elif bounds is not None and bounds[1] <= 1:
        slider = tag(
            "input",
            type="range",
            min=bounds[0],
            max=bounds[1],
            step=0.05,
            value=value or shown or bounds[1],
            data_slider=place,
            aria_label=f"{flag(name)}, slider",
        )
        number = tag(
            "input",
            type="text",
            inputmode="decimal",
            value=value,
            placeholder=shown,
            class_="short",
            **common,
        )
        field = tag("span", slider, number, class_="pair")
    else:
        field = tag("input", type="text", value=value, placeholder=shown, autocomplete="off", **common)
    return tag("div", label, field, described, class_="control")


def _choices(annotation: Any) -> tuple[str, ...]:
    kinds = [annotation, *get_args(annotation)]
    found = next((each for each in kinds if get_origin(each) is Literal), None)
    return tuple(map(str, get_args(found))) if found is not None else ()


def _bounds(field: Any) -> tuple[float, float] | None:
    """Of a share: a number between 0 and at most 1."""
    ends = {
        end: float(getattr(each, key))
        for each in field.metadata
        for key, end in (("ge", "low"), ("gt", "low"), ("le", "high"))
        if hasattr(each, key)
    }
    return (ends["low"], ends["high"]) if len(ends) == 2 and ends["high"] <= 1 else None


def form(action: str, *children: Markup | None, button: str, command: str = "", **attributes: Any) -> Markup:
    """A form with its button, and where the command that it stands for is shown.

    Args:
        command: the address that says the command for what is filled in; none shows none.
    """
    shown = (
        tag("pre", "", data_command=command, class_="command", aria_label="The command") if command else None
    )
    send = tag("button", button, type="submit", class_="main")
    return tag("form", join(*children), shown, tag("p", send), method="post", action=action, **attributes)
