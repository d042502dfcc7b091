"""diffusers' schedulers by short names."""

from __future__ import annotations

import inspect
from typing import Any

import diffusers

from stylize.config.style import Sigmas, Spacing
from stylize.diffusion.strength import steps_at
from stylize.errors import UsageError

CLASSES = {
    "ddim": "DDIMScheduler",
    "lcm": "LCMScheduler",
    "euler": "EulerDiscreteScheduler",
    "euler-a": "EulerAncestralDiscreteScheduler",
    "dpm++": "DPMSolverMultistepScheduler",
    "unipc": "UniPCMultistepScheduler",
}
"""Those that exports know too."""
OTHERS: dict[str, tuple[str, dict[str, Any]]] = {
    "dpm++-sde": ("DPMSolverMultistepScheduler", {"algorithm_type": "sde-dpmsolver++"}),
    "tcd": ("TCDScheduler", {}),
}
SIGMAS = {"karras": "use_karras_sigmas", "exponential": "use_exponential_sigmas", "beta": "use_beta_sigmas"}


def make_scheduler(
    own: Any, name: str | None, spacing: Spacing | None = None, sigmas: Sigmas | None = None
) -> Any:
    """A scheduler for one run: of the checkpoint's own kind, or the named one with the checkpoint's settings.

    Args:
        own: the checkpoint's scheduler, whose configuration (betas, prediction type, spacing) is kept.
        name: a key of `CLASSES` or `OTHERS`, or None for the checkpoint's own kind.
        spacing: which timesteps are visited, in place of the configuration's.
        sigmas: which noise levels are visited, in place of the configuration's.

    Raises:
        UsageError: this kind of scheduler cannot choose its noise levels.
    """
    kind, changes = _kind_of(own, name)
    known = inspect.signature(kind.__init__).parameters
    if name is not None and "clip_sample" in known and "clip_sample" not in own.config:
        changes["clip_sample"] = False  # latents reach beyond 1; DDIM's default is for pixels
    if spacing is not None:
        changes["timestep_spacing"] = spacing
    if sigmas is not None:
        if SIGMAS[sigmas] not in known:
            raise UsageError(
                f"This sampler does not choose its noise levels: {name or kind.__name__}.",
                where=f"--sigmas {sigmas}",
                hint="euler, dpm++ and unipc do",
            )
        changes[SIGMAS[sigmas]] = True
    if "timestep_spacing" in changes and "timestep_spacing" not in known:
        raise UsageError(
            f"This sampler does not choose its timesteps: {name or kind.__name__}.", where="--spacing"
        )
    return kind.from_config(own.config, **changes)


def _kind_of(own: Any, name: str | None) -> tuple[Any, dict[str, Any]]:
    if name is None:
        return type(own), {}
    if name in CLASSES:
        return getattr(diffusers, CLASSES[name]), {}
    kind, changes = OTHERS[name]
    return getattr(diffusers, kind), dict(changes)


def timesteps_for(scheduler: Any, steps: int, strength: float, device: Any) -> Any:
    """The timesteps that img2img visits: the last `strength` share of `steps`, at least one.

    Source: Meng et al., "SDEdit", ICLR 2022.
    """
    scheduler.set_timesteps(steps, device=device)
    first = (steps - steps_at(steps, strength)) * scheduler.order
    if hasattr(scheduler, "set_begin_index"):
        scheduler.set_begin_index(first)
    return scheduler.timesteps[first:]
