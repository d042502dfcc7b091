"""diffusers' schedulers by short names."""

from __future__ import annotations

import inspect
from typing import Any

import diffusers

from stylize.diffusion.strength import steps_at

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
    changes = {} if "clip_sample" in own.config else {"clip_sample": False}
    if kind is not type(own) and "clip_sample" in inspect.signature(kind.__init__).parameters:
        return kind.from_config(
            own.config, **changes
        )  # latents are not clipped; DDIM's default is that of pixels
    return kind.from_config(own.config)


def timesteps_for(scheduler: Any, steps: int, strength: float, device: Any) -> Any:
    """The timesteps that img2img visits: the last `strength` share of `steps`, at least one.

    Source: Meng et al., "SDEdit", ICLR 2022.
    """
    scheduler.set_timesteps(steps, device=device)
    first = (steps - steps_at(steps, strength)) * scheduler.order
    if hasattr(scheduler, "set_begin_index"):
        scheduler.set_begin_index(first)
    return scheduler.timesteps[first:]
