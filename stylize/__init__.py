"""Live-action footage in, anime film out.

    import stylize
    stylize.run("clip.mp4", style="anime")

Nothing is read from the environment or from settings files unless it is asked for: see `read_settings`. Names are
loaded when they are first used, so `import stylize` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from stylize.system.telemetry import silence

if TYPE_CHECKING:
    from stylize.api.footage_tools import deflicker, key
    from stylize.api.pictures import draw
    from stylize.api.runs import plan, preview, run
    from stylize.config.read_settings import read_settings
    from stylize.config.settings import RunSettings
    from stylize.errors import StylizeError
    from stylize.jobs.job import RenderJob
    from stylize.pipeline import Film
    from training.api import train_style

__version__ = "0.2.0"

_HOMES = {
    "Film": "stylize.pipeline",
    "RenderJob": "stylize.jobs.job",
    "RunSettings": "stylize.config.settings",
    "StylizeError": "stylize.errors",
    "deflicker": "stylize.api.footage_tools",
    "draw": "stylize.api.pictures",
    "key": "stylize.api.footage_tools",
    "plan": "stylize.api.runs",
    "preview": "stylize.api.runs",
    "read_settings": "stylize.config.read_settings",
    "run": "stylize.api.runs",
    "train_style": "training.api",
}

__all__ = [
    "Film",
    "RenderJob",
    "RunSettings",
    "StylizeError",
    "__version__",
    "deflicker",
    "draw",
    "key",
    "plan",
    "preview",
    "read_settings",
    "run",
    "train_style",
]


silence()


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
