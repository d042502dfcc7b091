"""Imports controlnet-aux without the warnings of the many networks in it."""

from __future__ import annotations

import functools
import warnings
from types import ModuleType


@functools.cache
def package() -> ModuleType:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import controlnet_aux
    return controlnet_aux
