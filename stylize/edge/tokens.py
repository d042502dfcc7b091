"""A prompt as token numbers, by the tokenizer in the export."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stylize.edge.manifest import Manifest
from stylize.errors import MissingPart, ModelError
from stylize.system.dependencies import install_hint

FILE = "tokenizer.json"


def tokenize(folder: Path, manifest: Manifest, text: str) -> NDArray[np.int64]:
    """The prompt as (1, L) int64 with start and end marks, cut and padded to the length that the encoder takes.

    Raises:
        MissingPart: the package tokenizers is not installed. ModelError: the export's tokenizer cannot be read.
    """
    try:
        from tokenizers import Tokenizer
    except ModuleNotFoundError as error:
        raise MissingPart("Reading prompts needs the package tokenizers.", hint=install_hint()) from error
    try:
        tokenizer = Tokenizer.from_file(str(folder / FILE))
    except Exception as error:  # the Rust side raises plain Exception for whatever is wrong
        raise ModelError("This export's tokenizer cannot be read.", where=folder / FILE) from error
    tokenizer.no_padding()
    tokenizer.enable_truncation(manifest.tokens)
    numbers = tokenizer.encode(text).ids
    numbers += [manifest.pad_token] * (manifest.tokens - len(numbers))
    return np.asarray([numbers], np.int64)
