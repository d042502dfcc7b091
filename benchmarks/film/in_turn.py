"""python in_turn.py ROOT CLIP SHOTS OUT [setting=value ...]: the passes of a film in turn, by time.

It runs with the code that lies in ROOT, this version's or an older one's, and writes one JSON object: by the name
of each pass its seconds, and its seconds of processor time with ffmpeg's.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable


def main(root: str, clip: str, shots: str, out: str, *given: str) -> None:
    sys.path.insert(0, root)
    from pathlib import Path

    from stylize import pipeline
    from stylize.api.runs import plan
    from stylize.events import silent
    from stylize.jobs.encode import encode

    job = plan(clip, out, shots=Path(shots), **dict(each.split("=", 1) for each in given))
    taken = {
        name: _time(lambda name=name: pipeline.run_pass(job, name, silent, lambda: False))
        for name in job.pass_names
    }
    taken["encode"] = _time(lambda: encode(job, job.film, silent, True, lambda: False))
    pipeline.discard(job)
    print(json.dumps(taken))


def _time(work: Callable[[], object]) -> tuple[float, float]:
    began, before = time.perf_counter(), os.times()
    work()
    return time.perf_counter() - began, sum(os.times()[:4]) - sum(before[:4])


if __name__ == "__main__":
    main(*sys.argv[1:])
