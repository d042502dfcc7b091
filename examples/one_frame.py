"""Draws one frame from Python: python -m examples.one_frame CLIP OUT.png [SECONDS]"""

import sys
from pathlib import Path

from stylize import footage, pipeline
from stylize.config.read_settings import read_settings
from stylize.jobs.plan_run import plan_run

if __name__ == "__main__":
    clip, out, seconds = Path(sys.argv[1]), Path(sys.argv[2]), (sys.argv[3:] or ["0"])[0]
    plan = plan_run(clip, out.with_suffix(".mp4"), read_settings(style="anime"))
    print(pipeline.preview(plan, footage.parse_time(seconds, plan.clip), out))
