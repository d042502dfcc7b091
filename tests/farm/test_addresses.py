"""Clusters that cannot be reached: said at once, in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from stylize.cli import main
from stylize.farm.submit import submit
from tests.farm.standin import write_job


@pytest.mark.parametrize(
    ("address", "code", "sentence"),
    [
        ("127.0.0.1:1", 1, "Nothing answers at this address"),
        ("no such host:6379", 1, "Nothing answers at this address"),
        ("head", 2, "is no address"),
        ("head:many", 2, "is no address"),
        ("ray://head:10001", 2, "cannot be driven through ray://"),
    ],
)
def test_addresses(
    planned, address: str, code: int, sentence: str, capfd: pytest.CaptureFixture[str]
) -> None:
    from stylize.jobs.manifest import save_job

    job = planned()
    save_job(job)
    assert main(["farm", "run", str(job.run_dir), "--address", address]) == code
    assert sentence in capfd.readouterr().err


def test_jobs_that_are_not_there(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["farm", "run", str(tmp_path / "none.toml")]) == 2
    assert "There is no such list of jobs" in capfd.readouterr().err
    assert main(["farm", "status", str(tmp_path)]) == 2
    assert "This is no run folder" in capfd.readouterr().err
    assert main(["farm", "run", write_job(tmp_path / "run", 3), "--resource", "licence"]) == 2
    capfd.readouterr()


def test_a_job_service_that_does_not_answer() -> None:
    with pytest.raises(Exception, match="does not take it") as caught:
        submit("http://127.0.0.1:1", ["jobs.toml"])
    assert "8265" in str(caught.value.hint)  # type: ignore[attr-defined]
