"""What loading weights has in common: what is refused, what is said, and what is not."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stylize.errors import ModelError

PICKLES = (".ckpt", ".pt", ".pth", ".bin", ".pkl", ".pickle")
REFUSAL = "it can run code when it is opened; convert it to .safetensors"


@contextmanager
def explained(place: str, hint: str | None = None) -> Iterator[None]:
    """Turns the many kinds of exceptions of model loaders into a ModelError of one sentence."""
    try:
        yield
    except (OSError, ValueError, KeyError, RuntimeError, TypeError, AttributeError) as error:
        first = str(error).strip().splitlines()[0][:300] if str(error).strip() else type(error).__name__
        default = (
            "a hub id needs the network once; --offline uses the local cache only"
            if not Path(place).exists()
            else "see: stylize doctor"
        )
        raise ModelError(
            f"This model cannot be loaded: {first}", where=place, hint=hint or default
        ) from error


@contextmanager
def quiet() -> Iterator[None]:
    """Silences the progress bars and logs of diffusers and transformers while they load."""
    from diffusers.utils import logging as diffusers_logging
    from transformers.utils import logging as transformers_logging

    levels = diffusers_logging.get_verbosity(), transformers_logging.get_verbosity()
    diffusers_logging.disable_progress_bar()
    transformers_logging.disable_progress_bar()
    diffusers_logging.set_verbosity(logging.CRITICAL)
    transformers_logging.set_verbosity(logging.CRITICAL)
    try:
        yield
    finally:
        diffusers_logging.set_verbosity(levels[0])
        transformers_logging.set_verbosity(levels[1])
