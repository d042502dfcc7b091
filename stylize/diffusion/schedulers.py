"""diffusers' schedulers by short names."""

from __future__ import annotations

from typing import Any

import diffusers

CLASSES = {
    "ddim": "DDIMScheduler",
    "lcm": "LCMScheduler",
    "euler": "EulerDiscreteScheduler",
    "euler-a": "EulerAncestralDiscreteScheduler",
    "dpm++": "DPMSolverMultistepScheduler",
    "unipc": "UniPCMultistepScheduler",
}


def make_scheduler(own: Any, name: str | None) -> Any:
    """A scheduler for one run: of the checkpoint's own kind, or the named one with the checkpoint's settings.

    Args:
        own: the checkpoint's scheduler, whose configuration (betas, prediction type, spacing) is kept.
        name: a key of `CLASSES`, or None for the checkpoint's own kind.
    """
    kind = type(own) if name is None else getattr(diffusers, CLASSES[name])
    return kind.from_config(own.config)


def timesteps_for(scheduler: Any, steps: int, strength: float, device: Any) -> Any:
    """The timesteps that img2img visits: the last `strength` share of `steps`, at least one.

    Source: Meng et al., "SDEdit", ICLR 2022.
    """
    scheduler.set_timesteps(steps, device=device)
    kept = max(1, min(int(steps * strength + 1e-6), steps))
    first = (steps - kept) * scheduler.order
    if hasattr(scheduler, "set_begin_index"):
        scheduler.set_begin_index(first)
    return scheduler.timesteps[first:]
