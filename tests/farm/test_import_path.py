"""Workers import nothing from the folder in which a run is started: a clip's folder may come from anyone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.farm.conftest import ROOT
from tests.farm.standin import load, write_job

DRIVER = """
import sys
from stylize.farm.driver import DriveSettings, drive
from tests.farm.standin import load

assert drive(sys.argv[1:], load, DriveSettings())[0].done
"""
PLANTED = """
from pathlib import Path
Path(__file__).with_name("imported").touch()
raise ImportError("the planted module was imported")
"""


def test_a_module_in_the_current_folder_is_not_imported(tmp_path: Path) -> None:
    here, script = tmp_path / "clips", tmp_path / "program" / "drive.py"
    here.mkdir()
    script.parent.mkdir()
    script.write_text(DRIVER)
    (here / "cv2.py").write_text(PLANTED)
    (here / "sitecustomize.py").write_text(PLANTED)
    write_job(here / "run", 3)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RAY_")}
    environment.pop("PYTHONSAFEPATH", None)  # the driver itself must ask for it
    environment["PYTHONPATH"] = str(ROOT)
    done = subprocess.run(
        [sys.executable, str(script), "run"],
        cwd=here,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert not (here / "imported").exists()
    assert done.returncode == 0, done.stderr[-2000:]
    assert load(str(here / "run")).film.path.exists()
