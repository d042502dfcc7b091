"""`NAME[:WEIGHT]`, as --control and --lora take it, read as tables of the settings `controls` and `loras`."""

from __future__ import annotations

from typing import Any

from stylize.errors import UsageError


def read_controls(words: list[str]) -> tuple[dict[str, Any], ...]:
    """`CONDITION[@MODEL][:WEIGHT]`; with @MODEL another ControlNet than the one that comes with the checkpoint.

    Raises:
        UsageError: a word without a name.
    """
    return tuple(_with_model(table) for table in _read(words, "condition", "--control"))


def read_loras(words: list[str]) -> tuple[dict[str, Any], ...]:
    """`FILE[:WEIGHT]`; `FILE@high` and `FILE@low` are for one of a model's two transformers.

    Raises:
        UsageError: a word without a name.
    """
    return tuple(_with_expert(table) for table in _read(words, "file", "--lora"))


def _read(words: list[str], noun: str, flag: str) -> tuple[dict[str, Any], ...]:
    """A table for every word; the single word `none` stands for no tables."""
    if words == ["none"]:
        return ()
    tables: list[dict[str, Any]] = []
    for word in words:
        name, weight = _split_weight(word)
        if not name or name == "none":
            raise UsageError(
                f"{flag} {word!r} names nothing to use.",
                hint=f"write {flag} NAME or {flag} NAME:0.8; {flag} none stands alone",
            )
        tables.append({noun: name} if weight is None else {noun: name, "weight": weight})
    return tuple(tables)


def _with_model(table: dict[str, Any]) -> dict[str, Any]:
    condition, at, model = table["condition"].partition("@")
    return {**table, "condition": condition, "model": model} if at else table


def _with_expert(table: dict[str, Any]) -> dict[str, Any]:
    file, at, expert = table["file"].rpartition("@")
    return {**table, "file": file, "expert": expert} if at and expert in ("high", "low") else table


def _split_weight(word: str) -> tuple[str, float | None]:
    """A colon followed by a number begins a weight; any other is part of the name (`C:\\inks.safetensors`)."""
    name, colon, tail = word.rpartition(":")
    if not colon:
        return word, None
    try:
        return name, float(tail)
    except ValueError:
        return word, None
