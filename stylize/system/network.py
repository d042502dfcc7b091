"""What may use the network, and what the environment says about it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

POLICY = "used only to fetch a hub model that you name; never with --offline; nothing is reported to anyone"


@dataclass(frozen=True)
class Network:
    """The policy in words, whether the environment forbids the hub, and the folder of what was fetched."""

    policy: str
    offline: bool
    cache: Path


def read_network() -> Network:
    """By the variables that huggingface_hub reads: HF_HUB_OFFLINE, HF_HOME and HF_HUB_CACHE."""
    offline = os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE")
    home = Path(os.environ.get("HF_HOME") or Path.home() / ".cache" / "huggingface")
    return Network(POLICY, offline, Path(os.environ.get("HF_HUB_CACHE") or home / "hub"))
