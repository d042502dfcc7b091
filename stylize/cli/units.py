"""Times, speeds and sizes as a person reads them."""

from __future__ import annotations


def spell_seconds(seconds: float) -> str:
    """`8.2 s`, `3:05`, `1:02:45`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes}:{rest:02d}" if minutes < 60 else f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"


def spell_rate(rate: float | None) -> str:
    """`12.5 fps`; below one frame a second, `2.4 s/frame`."""
    if not rate:
        return ""
    return f"{rate:.1f} fps" if rate >= 1 else f"{1 / rate:.1f} s/frame"


def spell_bytes(count: float) -> str:
    """`25.3 MB`: thousands, as disks are sold."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"
