"""The conditions that networks of controlnet-aux compute, and where their weights are published."""

from __future__ import annotations

REPOSITORY = "lllyasviel/Annotators"
ANNOTATORS = {
    "lineart": "LineartDetector",
    "lineart_anime": "LineartAnimeDetector",
    "softedge": "HEDdetector",
    "depth": "MidasDetector",
    "pose": "OpenposeDetector",
}
