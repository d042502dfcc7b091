"""Samplers by the names that people use."""

from __future__ import annotations

from collections.abc import Mapping

from stylize.edge.manifest import SamplerSpec
from stylize.edge.samplers.noise_schedule import NoiseSchedule
from stylize.edge.samplers.solvers import Ddim, DpmSolver, Euler, EulerAncestral, Lcm, Pndm, Sampler
from stylize.errors import UsageError

KINDS: dict[str, type[Sampler]] = {
    "DDIMScheduler": Ddim,
    "PNDMScheduler": Pndm,
    "LCMScheduler": Lcm,
    "EulerDiscreteScheduler": Euler,
    "EulerAncestralDiscreteScheduler": EulerAncestral,
    "DPMSolverMultistepScheduler": DpmSolver,
}
"""The samplers by the names of diffusers' classes."""
OWN, INVERSE = "own", "inverse"
"""In a manifest's samplers: the checkpoint's own, and DDIM run backwards."""


def make_sampler(known: Mapping[str, SamplerSpec], name: str | None, steps: int, strength: float) -> Sampler:
    """The checkpoint's own sampler, or the named one with the checkpoint's noise schedule.

    Args:
        known: the manifest's samplers.
        steps, strength: see `Sampler`.

    Raises:
        UsageError: the edge runtime has no such sampler. ModelError: a setting of it is not supported here.
    """
    spec = known.get(name or OWN)
    if spec is None or spec.kind not in KINDS:
        named = ", ".join(each for each in known if each not in (OWN, INVERSE) and known[each].kind in KINDS)
        raise UsageError(
            f"The edge runtime has no sampler {name or (spec.kind if spec else 'of that name')!r}.",
            hint=f"give one: --scheduler {named}",
        )
    return KINDS[spec.kind](NoiseSchedule.read(spec.config), steps, strength)
