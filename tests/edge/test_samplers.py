"""The numpy samplers and the noise beside those of diffusers and torch."""

from __future__ import annotations

from typing import Any

import diffusers
import numpy as np
import pytest
import torch

from stylize.diffusion.noise import Normal
from stylize.diffusion.schedulers import CLASSES, make_scheduler, timesteps_for
from stylize.edge.manifest import SamplerSpec
from stylize.edge.samplers import NoiseSchedule, make_sampler
from stylize.edge.samplers.solvers import invert_step, invert_timesteps
from stylize.errors import ModelError, UsageError

SHAPE = (1, 4, 8, 8)
STABLE = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "steps_offset": 1}
OWN = {
    "pndm": diffusers.PNDMScheduler(**STABLE, skip_prk_steps=True),
    "trailing": diffusers.DDIMScheduler(
        **STABLE, clip_sample=False, prediction_type="sample", timestep_spacing="trailing"
    ),
    "velocity": diffusers.DDIMScheduler(
        **STABLE, clip_sample=False, prediction_type="v_prediction", rescale_betas_zero_snr=True
    ),
}


@pytest.mark.parametrize("seed", [0, 123, 2**62 + 77])
@pytest.mark.parametrize("shape", [(4, 8, 8), (12, 33, 17), (3, 5, 5)])
def test_the_noise_is_that_of_torch(seed: int, shape: tuple[int, ...]) -> None:
    generator, ours = torch.Generator().manual_seed(seed), Normal(seed)
    for _ in range(2):  # the stream goes on where it was
        np.testing.assert_allclose(ours.draw(shape), torch.randn(shape, generator=generator), atol=1e-6)


def known(own: Any) -> dict[str, SamplerSpec]:
    made = {"own": own, **{name: make_scheduler(own, name) for name in CLASSES}}
    return {
        name: SamplerSpec(kind=type(each).__name__, config=dict(each.config)) for name, each in made.items()
    }


def network(sample: Any, timestep: float) -> Any:
    """Stands for a UNet: smooth, and different at every timestep."""
    return 0.7 * sample + 0.1 * float(timestep) / 1000


@pytest.mark.parametrize("name", [None, "ddim", "lcm", "euler", "euler-a", "dpm++"])
@pytest.mark.parametrize("kind", sorted(OWN))
@pytest.mark.parametrize(("steps", "strength"), [(1, 1.0), (4, 1.0), (9, 0.5)])
def test_a_run_ends_where_diffusers_ends(kind: str, name: str | None, steps: int, strength: float) -> None:
    own = OWN[kind]
    if kind == "trailing" and name == "euler-a":
        pytest.skip("diffusers' ancestral sampler does not know models that predict the sample")
    rng = np.random.default_rng(3)
    latents, noise = (rng.standard_normal(SHAPE).astype(np.float32) for _ in range(2))
    theirs = make_scheduler(own, name)
    timesteps = timesteps_for(theirs, steps, strength, "cpu")
    generator = torch.Generator().manual_seed(5)
    sample = theirs.add_noise(torch.from_numpy(latents), torch.from_numpy(noise), timesteps[:1])
    for timestep in timesteps:
        answer = network(theirs.scale_model_input(sample, timestep), timestep)
        extra = {"generator": generator} if "generator" in theirs.step.__code__.co_varnames else {}
        sample = theirs.step(answer, timestep, sample, return_dict=False, **extra)[0]
    ours, more = make_sampler(known(own), name, steps, strength), Normal(5)
    np.testing.assert_allclose(ours.timesteps, timesteps.numpy())
    drawn = ours.add_noise(latents, noise)
    for number, timestep in enumerate(ours.timesteps):
        answer = network(ours.scale_model_input(number, drawn), timestep)
        drawn = ours.step(number, answer, drawn, lambda: more.draw(SHAPE))
    np.testing.assert_allclose(drawn, sample.numpy(), rtol=2e-3, atol=2e-3)


def test_inversion_goes_where_diffusers_goes() -> None:
    theirs = diffusers.DDIMInverseScheduler.from_config(OWN["pndm"].config)
    theirs.set_timesteps(10)
    latents = np.random.default_rng(1).standard_normal(SHAPE).astype(np.float32)
    sample, ours = torch.from_numpy(latents), latents
    schedule = NoiseSchedule.read(dict(theirs.config))
    wanted = [int(each) for each in theirs.timesteps if int(each) <= 500]
    assert invert_timesteps(schedule, 10, 500) == wanted
    for timestep in wanted:
        sample = theirs.step(network(sample, timestep), timestep, sample, return_dict=False)[0]
        ours = invert_step(schedule, 10, timestep, network(ours, timestep), ours)
    np.testing.assert_allclose(ours, sample.numpy(), rtol=1e-3, atol=1e-3)


def test_a_sampler_that_is_not_known_is_refused() -> None:
    with pytest.raises(UsageError, match="unipc") as caught:
        make_sampler(known(OWN["pndm"]), "unipc", 4, 1.0)
    assert "dpm++" in str(caught.value.hint)
    with pytest.raises(ModelError, match="use_karras_sigmas"):
        NoiseSchedule.read({"use_karras_sigmas": True})
