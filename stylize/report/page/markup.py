"""HTML put together from parts, in which every text is escaped."""

from __future__ import annotations

from html import escape


class Markup(str):
    """Text that is HTML already; any other text is escaped where it is put into a page."""

    __slots__ = ()


Content = str | int | float | None


def tag(name: str, /, *children: Content, **attributes: str | int | float | bool | None) -> Markup:
    """An element: `tag("p", "a < b", class_="note")` is `<p class="note">a &lt; b</p>`.

    Args:
        children: markup as it is, other text escaped; None is left out.
        attributes: a trailing underscore is dropped, others become dashes; True stands alone, None and False are
            left out.
    """
    words = "".join(_attribute(key.rstrip("_").replace("_", "-"), each) for key, each in attributes.items())
    if name in ("img", "input", "meta", "br"):
        return Markup(f"<{name}{words}>")
    return Markup(f"<{name}{words}>{join(*children)}</{name}>")


def join(*children: Content) -> Markup:
    """Parts one after the other."""
    return Markup("".join(_text(child) for child in children if child is not None))


def _text(child: Content) -> str:
    return child if isinstance(child, Markup) else escape(str(child))


def _attribute(name: str, value: str | int | float | bool | None) -> str:
    if value is None or value is False:
        return ""
    return f" {name}" if value is True else f' {name}="{escape(str(value))}"'
