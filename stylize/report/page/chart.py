"""Curves over the frames of a film, as SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from stylize.report.page.markup import Markup, join, tag

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 1000, 260, 46, 28, 12


def frame_chart(
    numbers: Sequence[int],
    curves: Mapping[str, Sequence[float]],
    span: range,
    *,
    cuts: Sequence[int] = (),
    marks: Sequence[int] = (),
    label: str,
) -> Markup:
    """Curves of one unit over the frames of a span.

    Args:
        numbers: the frames of the values, ascending.
        curves: values of 0 and more, by the class of the curve in the page's style.
        cuts: frames with which shots begin: no curve is drawn across one.
        marks: frames that are pointed at.
        label: what the chart shows, for those who do not see it.
    """
    top = _round_up(max((max(values) for values in curves.values()), default=1.0))

    def x(number: float) -> float:
        return LEFT + (WIDTH - LEFT - 6) * (number - span.start) / max(1, len(span) - 1)

    def y(value: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top)

    parts: list[Markup] = []
    for step in range(5):
        value = top * step / 4
        line = tag("line", x1=LEFT, x2=WIDTH, y1=f"{y(value):.1f}", y2=f"{y(value):.1f}", class_="grid")
        text = tag(
            "text", f"{value:.3g}", x=LEFT - 8, y=f"{y(value) + 4:.1f}", class_="axis", text_anchor="end"
        )
        parts += [line, text]
    for number in _ticks(span):
        text = tag("text", number, x=f"{x(number):.1f}", y=HEIGHT - 8, class_="axis", text_anchor="middle")
        parts.append(text)
    for cut in cuts:
        parts.append(
            tag("line", x1=f"{x(cut):.1f}", x2=f"{x(cut):.1f}", y1=TOP, y2=HEIGHT - BOTTOM, class_="cut")
        )
    for name, values in curves.items():
        points = " ".join(
            f"{'M' if _begins(numbers, at, cuts) else 'L'}{x(number):.1f} {y(value):.1f}"
            for at, (number, value) in enumerate(zip(numbers, values, strict=True))
        )
        parts.append(tag("path", d=points, class_=f"curve {name}"))
    for mark in marks:
        parts.append(
            tag(
                "path",
                tag("title", f"frame {mark}"),
                d=f"M{x(mark):.1f} {HEIGHT - BOTTOM - 10} l6 10 l-12 0 z",
                class_="unstable",
            )
        )
    return tag("svg", join(*parts), viewBox=f"0 0 {WIDTH} {HEIGHT}", role="img", aria_label=label)


def _begins(numbers: Sequence[int], at: int, cuts: Sequence[int]) -> bool:
    """Whether a curve is begun anew at a value: at the first one, and after a cut."""
    return at == 0 or any(numbers[at - 1] < cut <= numbers[at] for cut in cuts)


def _ticks(span: range) -> range:
    steps = (factor * 10**power for power in range(9) for factor in (1, 2, 5))
    step = next(step for step in steps if len(span) / step <= 12)
    return range(-(-span.start // step) * step, span.stop, step)


def _round_up(value: float) -> float:
    """The next of 1, 2, 2.5, 5 times a power of ten."""
    if value <= 0:
        return 1.0
    power = 10.0 ** (len(str(int(value))) - 1) if value >= 1 else 0.001
    while True:
        for factor in (1, 2, 2.5, 5):
            if factor * power >= value:
                return factor * power
        power *= 10
