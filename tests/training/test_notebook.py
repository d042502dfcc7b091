"""The notebook, every cell of it, on the bundled checkpoint."""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.training.drawings import write_drawings

ROOT = Path(__file__).resolve().parent.parent.parent
NOTEBOOK = ROOT / "training" / "style_training.ipynb"


def test_every_cell_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From drawings to a clip, with few steps, few frames and a small size."""
    environment = {
        "PLACE": tmp_path / "style",
        "DRAWINGS": write_drawings(tmp_path / "drawings", 5),
        "STEPS": 3,
        "FRAMES": 2,
        "SIZE": 64,
        "JUPYTER_PLATFORM_DIRS": 1,
        "IPYTHONDIR": tmp_path / "ipython",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
    # A cluster started earlier keeps this process's children out of the current folder; a notebook works in it.
    monkeypatch.delenv("PYTHONSAFEPATH", raising=False)
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert len(cells) == 10
    assert all(not cell.outputs for cell in cells)  # it is kept clean
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(ROOT)}}).execute()
    assert (tmp_path / "style" / "clip.mp4").stat().st_size > 1000
    assert (tmp_path / "style" / "training" / "my-ink" / "LoRA.safetensors").is_file()
    assert (tmp_path / "style" / "half.png").is_file()
    shown = [output for cell in notebook.cells for output in cell.get("outputs", ()) if output.get("data")]
    assert any("image/png" in output.data or "image/jpeg" in output.data for output in shown)
