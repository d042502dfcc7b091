"""Devices are graded by what was measured of them."""

from __future__ import annotations

import pytest

from stylize.edge.live.find import bundled
from stylize.generators.live import tiers
from stylize.generators.live.tiers import (
    CAMERA_RATE,
    WORK,
    Device,
    available_tiers,
    grade,
    measure_device,
    rate_of,
)

DEVICES = {
    "an old phone": (Device(int8_gflops=60, float_gflops=30, memory=1.0), "live-s"),
    "a laptop": (Device(int8_gflops=130, float_gflops=80, memory=6.0), "live-m"),
    "a workstation": (Device(int8_gflops=900, float_gflops=500, memory=40.0), "live-l"),
    "a large GPU": (Device(900, 500, memory=100.0, gpu_gflops=300_000, gpu_memory=80.0), "full"),
    "a small GPU": (Device(300, 200, memory=16.0, gpu_gflops=5_000, gpu_memory=4.0), "mini"),
}


@pytest.mark.parametrize("name", DEVICES)
def test_a_device_gets_the_best_that_keeps_up(name: str) -> None:
    device, tier = DEVICES[name]
    found = grade(device)
    assert found.tier == tier
    assert found.keeps_up


def test_a_device_that_is_too_slow_gets_the_least_and_is_told() -> None:
    found = grade(Device(int8_gflops=10, float_gflops=8, memory=1.0))
    assert found.tier == "live-s"
    assert not found.keeps_up
    assert "dropped" in found.reason


def test_memory_counts() -> None:
    found = grade(Device(900, 500, memory=8.0, gpu_gflops=400_000, gpu_memory=4.0))
    assert found.tier == "mini"
    assert "GiB" in found.reason


def test_only_what_is_there_is_chosen() -> None:
    found = grade(Device(900, 500, memory=8.0), frozenset({"live-s", "live-m", "mini"}))
    assert found.tier == "live-m"
    assert f"a camera gives {CAMERA_RATE:.0f}" in found.reason


def test_the_work_of_a_tier_is_its_models() -> None:
    for manifest in bundled():
        assert WORK[f"live-{manifest.network}"] == pytest.approx(manifest.gflop, rel=0.01)  # type: ignore[index]


def test_this_machine_is_graded_by_what_it_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiers, "ROUNDS", 1)
    monkeypatch.setattr(tiers, "WARM_UP", 1)
    device = measure_device()
    found = grade(device, available_tiers())
    assert found.rate == rate_of(found.tier, device) > 0
    if found.keeps_up:
        heavier = [
            tier for tier in tiers.TIERS if WORK[tier] > WORK[found.tier] and tier in available_tiers()
        ]
        assert all(rate_of(tier, device) < CAMERA_RATE for tier in heavier if tier.startswith("live"))
    else:
        assert found.tier == "live-s"
