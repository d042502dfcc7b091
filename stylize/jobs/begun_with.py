"""What the run of a folder was begun with: `--runtime auto` keeps to it, for frames of two runtimes differ."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from stylize.errors import UsageError
from stylize.generators.automatic import BegunWith
from stylize.jobs.manifest.job_file import read_record
from stylize.storage.place import Place


def begun_with(run_dir: Place, span: range) -> BegunWith | None:
    """The runtime of the segment that covers a span, by the run folder's record.

    Nothing in a record is trusted: whoever is told this takes one of its own ways to draw, or none of them.

    Returns:
        None where there is no record of such a segment.
    """
    with suppress(UsageError, KeyError, TypeError, IndexError):
        for segment in read_record(run_dir)["job"]["segments"]:
            found = _begun(segment, span)
            if found is not None:
                return found
    return None


def _begun(segment: Any, span: range) -> BegunWith | None:
    spec, shots = segment["spec"], segment["shots"]
    if spec["kind"] != "drawing" or (shots[0]["start"], shots[-1]["end"]) != (span.start, span.stop):
        return None
    runtime, revision = spec["config"]["runtime"], spec["checkpoint"]["revision"]
    if runtime not in ("torch", "edge") or not isinstance(revision, str):
        return None
    return BegunWith(runtime, revision)
