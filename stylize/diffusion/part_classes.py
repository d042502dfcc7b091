"""The classes that a checkpoint's folder may name for its parts.

A folder may be a stranger's. A class is taken only for what it stands for: a network that is named as a scheduler
would be loaded as one, with weights that can run code.
"""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

from stylize.errors import ModelError

LIBRARIES = ("diffusers", "transformers", "stylize.diffusion.patch")
"""Whose classes a folder may name; no other code is imported for it."""
WITHOUT_WEIGHTS = ("tokenizer", "scheduler", "processor", "feature_extractor", "image_processor")
"""How the names of parts begin that hold settings and words alone."""
NAME = re.compile(r"[a-z_0-9]+")


def has_weights(part: str) -> bool:
    """Whether a part is a network."""
    return not part.startswith(WITHOUT_WEIGHTS)


def part_class(folder: Path, part: str, library: object, kind: object) -> Any:
    """The class that a folder names for a part, to be loaded from the folder of the part's name inside it.

    Raises:
        ModelError: the name is a path, or the class is of another library or stands for something else.
    """
    if NAME.fullmatch(part) is None:
        raise ModelError(f"This checkpoint names a part that cannot be one: {part!r}.", where=folder)
    if library not in LIBRARIES:
        raise ModelError(f"This checkpoint's {part} wants code of its own: {library}.", where=folder)
    found = getattr(importlib.import_module(str(library)), str(kind), None)
    if not isinstance(found, type) or not issubclass(found, _bases(part)):
        raise ModelError(
            f"This checkpoint's {part} is of a class that is not loaded for it: {library}'s {kind}.",
            where=folder,
        )
    return found


def _bases(part: str) -> tuple[type, ...]:
    import diffusers
    import transformers

    if has_weights(part):
        return diffusers.ModelMixin, transformers.PreTrainedModel
    if part.startswith("tokenizer"):
        return (transformers.PreTrainedTokenizerBase,)
    if part.startswith("scheduler"):
        return (diffusers.SchedulerMixin,)
    return transformers.ProcessorMixin, transformers.ImageProcessingMixin, transformers.FeatureExtractionMixin
