"""What `import compositing` offers."""

from __future__ import annotations

import subprocess
import sys

import pytest

import compositing


def test_every_public_name_is_there_and_says_what_it_is() -> None:
    for name in compositing.__all__:
        assert getattr(compositing, name).__doc__, name
    assert sorted(compositing.__all__) == sorted(compositing._HOMES)
    with pytest.raises(AttributeError, match="no attribute 'keyer_of_dreams'"):
        compositing.keyer_of_dreams  # noqa: B018


def test_the_import_loads_nothing_until_it_is_needed() -> None:
    code = (
        "import sys, compositing.errors; print(*{'cv2', 'numpy', 'moderngl', 'pycolmap'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
