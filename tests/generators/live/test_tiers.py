"""Devices are graded by what was measured of them."""

from __future__ import annotations

import pytest

from stylize.generators.live.tiers import CAMERA_RATE, Device, grade

DEVICES = {
    "an old phone": (Device(int8_gflops=60, float_gflops=30, memory=1.0), "live-s"),
    "a laptop": (Device(int8_gflops=180, float_gflops=120, memory=6.0), "live-m"),
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
