"""A prompt as token numbers, by the tokenizer in the export."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stylize.diffusion.prompts.chunks import CLIP_ROOM
from stylize.diffusion.prompts.weights import read_weights
from stylize.edge.manifest import Manifest
from stylize.errors import MissingPart, ModelError
from stylize.system.dependencies import install_hint

FILE = "tokenizer.json"


def tokenize(folder: Path, manifest: Manifest, text: str) -> NDArray[np.int64]:
    """The prompt as (1, L) int64 with start and end marks, cut and padded to the length that the encoder takes.

    Raises:
        MissingPart: the package tokenizers is not installed. ModelError: the export's tokenizer cannot be read.
    """
    numbers = _numbers(folder, text)
    if len(numbers) > manifest.tokens:
        numbers = [*numbers[: manifest.tokens - 1], numbers[-1]]
    return np.asarray([numbers + [manifest.pad_token] * (manifest.tokens - len(numbers))], np.int64)


def is_too_long(folder: Path, manifest: Manifest, text: str) -> bool:
    """Whether an export would leave out the end of a prompt that torch reads as a whole, in parts. Encoders that
    are shorter than CLIP's are given the first part alone by torch too.

    Raises:
        As `tokenize`.
    """
    marks = 2
    return manifest.tokens >= CLIP_ROOM + marks and len(_numbers(folder, text)) > manifest.tokens


def _numbers(folder: Path, text: str) -> list[int]:
    """All tokens of a prompt, with start and end marks. A backslash before a bracket is no part of the text."""
    try:
        from tokenizers import Tokenizer
    except ModuleNotFoundError as error:
        raise MissingPart("Reading prompts needs the package tokenizers.", hint=install_hint()) from error
    try:
        tokenizer = Tokenizer.from_file(str(folder / FILE))
    except Exception as error:  # the Rust side raises plain Exception for whatever is wrong
        raise ModelError("This export's tokenizer cannot be read.", where=folder / FILE) from error
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return list(tokenizer.encode("".join(fragment.text for fragment in read_weights(text))).ids)
