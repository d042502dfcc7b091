"""A sheet of a clip's frames over its film's: python -m examples.sheet CLIP FILM OUT.jpg FRAME [FRAME ...]"""

import sys
from pathlib import Path

from stylize.report.sheet import write_sheet

if __name__ == "__main__":
    clip, film, out, *frames = sys.argv[1:]
    print(write_sheet(Path(clip), Path(film), Path(out), [int(frame) for frame in frames]))
