"""A report says what an export costs and how near it is."""

from __future__ import annotations

import json
from pathlib import Path

import cv2

from stylize.config.resolved import ResolvedConfig
from stylize.edge.report.report import make_report
from tests.edge.conftest import request_of, silent


def test_a_float_export_is_as_near_as_can_be_and_takes_less_memory_than_torch(
    exports: dict[str, Path], configs: dict[str, ResolvedConfig], clip: Path, tmp_path: Path
) -> None:
    request = request_of(configs["mini"], "float", exports["mini"], clip)
    page, facts = make_report(request, tmp_path / "report", silent)
    assert json.loads((page.parent / "report.json").read_text()) == facts
    assert facts["gate"] == "passed"
    assert {each["part"] for each in facts["parts"]} == set(facts["sizes"])
    assert min(each["sqnr"] for each in facts["parts"]) > 60
    assert 0 < facts["cost"]["seconds"] < 60
    assert 50e6 < facts["cost"]["peak"] < 0.9 * facts["float_cost"]["peak"]
    rows = [cv2.imread(str(page.parent / f"frame{number}.png")) for number in range(4)]
    height, width = rows[0].shape[:2]
    assert width == 4 * round(height * 120 / 72)
    for name in ("this export", "torch, fp32", "frame3.png"):
        assert name in page.read_text()
