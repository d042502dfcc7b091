"""Trains weights from footage and stills: styles from drawings, and the bundled checkpoint from rendered scenes.

    import training

    trained = training.train_style("drawings/", name="ink", steps=300)
    print(trained.folder)  # a style pack, for `stylize run --style`

Importing this package loads no torch; a training does.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from training.api import train_style
    from training.lora.progress import Listener, TrainingResult, TrainingStep
    from training.lora.recipe import StyleRecipe

_MODULES = {
    "train_style": "training.api",
    "StyleRecipe": "training.lora.recipe",
    "Listener": "training.lora.progress",
    "TrainingResult": "training.lora.progress",
    "TrainingStep": "training.lora.progress",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)


__all__ = ["Listener", "StyleRecipe", "TrainingResult", "TrainingStep", "train_style"]
