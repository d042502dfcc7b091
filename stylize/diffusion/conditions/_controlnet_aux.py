"""Imports controlnet-aux without its chatter: it pulls in a dozen networks, and each warns."""

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
