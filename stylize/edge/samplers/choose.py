"""Samplers by the names that people use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from stylize.edge.samplers.levels import Levels
from stylize.edge.samplers.solvers import Ddim, DpmSolver, Euler, EulerAncestral, Lcm, Pndm, Sampler
from stylize.errors import UsageError

if TYPE_CHECKING:
    from stylize.edge.manifest import SamplerFacts

KINDS: dict[str, type[Sampler]] = {
    "DDIMScheduler": Ddim,
    "PNDMScheduler": Pndm,
    "LCMScheduler": Lcm,
    "EulerDiscreteScheduler": Euler,
    "EulerAncestralDiscreteScheduler": EulerAncestral,
    "DPMSolverMultistepScheduler": DpmSolver,
}
"""By diffusers' names for them."""
OWN, INVERSE = "own", "inverse"
"""The checkpoint's own sampler, and the one that runs backwards, in a manifest's list."""


def make_sampler(known: Mapping[str, SamplerFacts], name: str | None, steps: int, strength: float) -> Sampler:
    """The checkpoint's own sampler, or the named one on the checkpoint's noise levels.

    Args:
        known: the manifest's samplers.

    Raises:
        UsageError: the edge runtime has no such sampler. ModelError: it asks for what is not known here.
    """
    facts = known.get(name or OWN)
    if facts is None or facts.kind not in KINDS:
        named = ", ".join(each for each in known if each not in (OWN, INVERSE) and known[each].kind in KINDS)
        raise UsageError(
            f"The edge runtime has no sampler {name or (facts.kind if facts else 'of that name')!r}.",
            hint=f"give one: --scheduler {named}",
        )
    return KINDS[facts.kind](Levels.read(facts.config), steps, strength)
