"""The clip, shots and plans of the farm's tests."""

from tests.farm.conftest import clip, environment, planned, shot_list

__all__ = ["clip", "environment", "planned", "shot_list"]
