"""How many steps a drawing takes, in torch and in the edge runtime alike."""

from __future__ import annotations


def steps_at(steps: int, strength: float) -> int:
    """How many of `steps` img2img takes at this strength, at least one: as many as diffusers' pipelines.

    Source: Meng et al., "SDEdit", ICLR 2022.
    """
    return max(1, min(int(steps * strength), steps))
