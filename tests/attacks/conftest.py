"""Every attack of the audit again: what a stranger's file can do is a sentence and an exit code."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.cli.conftest import Said, Typed, clip, typed

__all__ = ["Said", "Typed", "bounded", "clip", "refused", "typed"]


@contextmanager
def bounded(seconds: float = 5.0, mib: int = 1500) -> Iterator[None]:
    """Fails where the block takes more of the processor's time, or more memory, than a refusal may."""
    began, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    assert time.process_time() - began < seconds
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 < mib


def refused(said: Said) -> str:
    """What a refused command said: one sentence, where, and a hint; nothing else and no traceback."""
    assert said.code in (1, 2), said
    assert said.err.startswith("error: "), said.err
    assert "stylize itself failed" not in said.err, said.err
    assert "Traceback" not in said.err, said.err
    assert len(said.err.strip().splitlines()) <= 4, said.err
    return said.err
