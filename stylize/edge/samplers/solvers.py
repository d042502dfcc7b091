"""The solvers: a prediction of the network and a noisy sample to a sample with a little less noise."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from stylize.diffusion.strength import steps_at
from stylize.edge.samplers.noise_schedule import Array, NoiseSchedule

NoiseSource = Callable[[], Array]
"""Gives fresh noise of the sample's shape, for the samplers that add some at each step."""


class Sampler:
    """One run of denoising, on samples in the variance-preserving scale.

    Args:
        schedule: of the checkpoint's scheduler.
        steps: denoising steps at strength 1.
        strength: the share of them that is taken, those with the least noise.
    """

    def __init__(self, schedule: NoiseSchedule, steps: int, strength: float) -> None:
        self.schedule = schedule
        self.steps = steps
        self.first = steps - steps_at(steps, strength)
        self.all_timesteps = self.visit(steps)
        self.timesteps = self.all_timesteps[self.first :]

    def visit(self, steps: int) -> list[float]:
        """Every timestep of a run at strength 1, noisiest first."""
        return [float(round(each)) for each in self.schedule.spaced(steps)]

    def add_noise(self, latents: Array, noise: Array) -> Array:
        """Noisy latents, as they are at the run's first timestep."""
        alpha = self.schedule.alpha(int(self.timesteps[0]))
        return np.asarray(alpha**0.5 * latents + (1 - alpha) ** 0.5 * noise, np.float32)

    def from_inverted(self, latents: Array) -> Array:
        """Latents found by inversion, in this sampler's scale."""
        return latents

    def scale_model_input(self, number: int, sample: Array) -> Array:
        """What the network is given at the step of that number."""
        return sample

    def step(self, number: int, prediction: Array, sample: Array, noise: NoiseSource) -> Array:
        """The sample after the step of that number."""
        raise NotImplementedError


class Ddim(Sampler):
    """Source: Song et al., "Denoising Diffusion Implicit Models", ICLR 2021, with eta 0."""

    def step(self, number: int, prediction: Array, sample: Array, noise: NoiseSource) -> Array:
        timestep = int(self.timesteps[number])
        now = self.schedule.alpha(timestep)
        then = self.schedule.alpha(timestep - self.schedule.count // self.steps)
        clean = self.schedule.clean(prediction, sample, now)
        if self.schedule.prediction_type == "sample":  # the noise follows from sample and prediction
            share = ((1 - then) / (1 - now)) ** 0.5
            return _mixed(then**0.5 - now**0.5 * share, clean, share, sample)
        epsilon = prediction
        if self.schedule.prediction_type == "v_prediction":
            epsilon = now**0.5 * prediction + (1 - now) ** 0.5 * sample
        return np.asarray(then**0.5 * clean + (1 - then) ** 0.5 * epsilon, np.float32)


def _mixed(a: float, first: Array, b: float, second: Array) -> Array:
    """a first + b second, in as few passes as it takes."""
    if b == 0:
        return np.asarray(a * first, np.float32)
    mixed = np.multiply(first, np.float32(a))
    mixed += np.float32(b) * second
    return mixed


class Pndm(Sampler):
    """Source: Liu et al., "Pseudo Numerical Methods for Diffusion Models on Manifolds", ICLR 2022, linear
    multistep only (PLMS): the first step is taken twice, the second time with the mean of two predictions."""

    WEIGHTS = ((1.0,), (3 / 2, -1 / 2), (23 / 12, -16 / 12, 5 / 12), (55 / 24, -59 / 24, 37 / 24, -9 / 24))

    def __init__(self, schedule: NoiseSchedule, steps: int, strength: float) -> None:
        super().__init__(schedule, steps, strength)
        self._predictions: list[Array] = []
        self._start: Array | None = None

    def visit(self, steps: int) -> list[float]:
        plain = super().visit(steps)
        return plain[:1] + plain[1:2] * 2 + plain[2:]

    def step(self, number: int, prediction: Array, sample: Array, noise: NoiseSource) -> Array:
        gap = self.schedule.count // self.steps
        timestep = int(self.timesteps[number])
        if number == 1 and self._start is not None:
            both = np.asarray((prediction + self._predictions[-1]) / 2, np.float32)
            return self._move(timestep + gap, timestep, both, self._start)
        self._predictions = [*self._predictions[-3:], prediction]
        if number == 0:
            self._start = sample
        weights = self.WEIGHTS[len(self._predictions) - 1]
        mixed = sum(weight * each for weight, each in zip(weights, reversed(self._predictions), strict=True))
        return self._move(timestep, timestep - gap, np.asarray(mixed, np.float32), sample)

    def _move(self, timestep: int, to: int, prediction: Array, sample: Array) -> Array:
        now, then = self.schedule.alpha(timestep), self.schedule.alpha(to)
        if self.schedule.prediction_type == "v_prediction":
            prediction = np.asarray(now**0.5 * prediction + (1 - now) ** 0.5 * sample, np.float32)
        share = now * (1 - then) ** 0.5 + (now * (1 - now) * then) ** 0.5
        return np.asarray((then / now) ** 0.5 * sample - (then - now) * prediction / share, np.float32)


class Lcm(Sampler):
    """Source: Luo et al., "Latent Consistency Models", 2023."""

    ORIGINAL = 50

    def visit(self, steps: int) -> list[float]:
        original = int(self.schedule.config.get("original_inference_steps", self.ORIGINAL))
        taught = (np.arange(1, original + 1) * (self.schedule.count // original) - 1)[::-1]
        places = np.floor(np.linspace(0, len(taught), num=steps, endpoint=False)).astype(int)
        return [float(each) for each in taught[places]]

    def step(self, number: int, prediction: Array, sample: Array, noise: NoiseSource) -> Array:
        timestep = int(self.timesteps[number])
        scaled = timestep * float(self.schedule.config.get("timestep_scaling", 10.0))
        keep, take = 0.25 / (scaled**2 + 0.25), scaled / (scaled**2 + 0.25) ** 0.5
        clean = self.schedule.clean(prediction, sample, self.schedule.alpha(timestep))
        clean = np.asarray(take * clean + keep * sample, np.float32)
        if number == len(self.timesteps) - 1:
            return np.asarray(clean, np.float32)
        then = self.schedule.alpha(int(self.timesteps[number + 1]))
        return np.asarray(then**0.5 * clean + (1 - then) ** 0.5 * noise(), np.float32)


class Euler(Sampler):
    """In the variance-exploding scale. Source: Karras et al., "Elucidating the Design Space of Diffusion-Based
    Generative Models", NeurIPS 2022, algorithm 2 without churn."""

    def __init__(self, schedule: NoiseSchedule, steps: int, strength: float) -> None:
        super().__init__(schedule, steps, strength)
        every = ((1 - schedule.alphas) / schedule.alphas) ** 0.5
        sigmas = np.interp(self.all_timesteps, np.arange(schedule.count), every)
        self.sigmas = np.append(sigmas, 0).astype(np.float32)[self.first :]

    def visit(self, steps: int) -> list[float]:
        spacing = self.schedule.config.get("timestep_spacing", "linspace")
        return [float(np.float32(each)) for each in self.schedule.spaced(steps, spacing)]

    def add_noise(self, latents: Array, noise: Array) -> Array:
        return np.asarray(latents + self.sigmas[0] * noise, np.float32)

    def from_inverted(self, latents: Array) -> Array:
        return np.asarray(latents * (1 + self.sigmas[0] ** 2) ** 0.5, np.float32)

    def scale_model_input(self, number: int, sample: Array) -> Array:
        return np.asarray(sample / (self.sigmas[number] ** 2 + 1) ** 0.5, np.float32)

    def step(self, number: int, prediction: Array, sample: Array, noise: NoiseSource) -> Array:
        sigma, to = self.sigmas[number], self.sigmas[number + 1]
        return np.asarray(sample + self._slope(prediction, sample, sigma) * (to - sigma), np.float32)

    def _slope(self, prediction: Array, sample: Array, sigma: float) -> Array:
        if self.schedule.prediction_type == "epsilon":
            return prediction
        clean = prediction
        if self.schedule.prediction_type == "v_prediction":
            clean = prediction * (-sigma / (sigma**2 + 1) ** 0.5) + sample / (sigma**2 + 1)
        return np.asarray((sample - clean) / sigma, np.float32)


class EulerAncestral(Euler):
    """The same with as much fresh noise as each step took away."""

    def step(self, number: int, prediction: Array, sample: Array, noise: NoiseSource) -> Array:
        sigma, to = self.sigmas[number], self.sigmas[number + 1]
        up = (to**2 * (sigma**2 - to**2) / sigma**2) ** 0.5
        down = (to**2 - up**2) ** 0.5
        return np.asarray(
            sample + self._slope(prediction, sample, sigma) * (down - sigma) + noise() * up, np.float32
        )


class DpmSolver(Sampler):
    """Source: Lu et al., "DPM-Solver++", 2022: second order, multistep, midpoint, the last step of first order."""

    def __init__(self, schedule: NoiseSchedule, steps: int, strength: float) -> None:
        super().__init__(schedule, steps, strength)
        self._last: Array | None = None

    def visit(self, steps: int) -> list[float]:
        spacing = self.schedule.config.get("timestep_spacing", "linspace")
        if spacing == "trailing":
            return [float(each) for each in self.schedule.spaced(steps, spacing)]
        return [float(round(each)) for each in self.schedule.spaced(steps + 1, spacing)[:-1]]

    def step(self, number: int, prediction: Array, sample: Array, noise: NoiseSource) -> Array:
        clean = self.schedule.clean(prediction, sample, self.schedule.alpha(int(self.timesteps[number])))
        is_last = number == len(self.timesteps) - 1
        before, self._last = self._last, clean
        if is_last:
            return clean
        (_, spread, lam), (to_root, to_spread, to_lam) = self._at(number), self._at(number + 1)
        gap = to_lam - lam
        push = to_root * (np.exp(-gap) - 1)
        moved = (to_spread / spread) * sample - push * clean
        if before is not None:
            ratio = (lam - self._at(number - 1)[2]) / gap
            moved = moved - 0.5 * push * (clean - before) / ratio
        return np.asarray(moved, np.float32)

    def _at(self, number: int) -> tuple[float, float, float]:
        alpha = self.schedule.alpha(int(self.timesteps[number]))
        return alpha**0.5, (1 - alpha) ** 0.5, 0.5 * float(np.log(alpha / (1 - alpha)))


def invert_timesteps(schedule: NoiseSchedule, steps: int, until: float) -> list[int]:
    """The timesteps of a run backwards, cleanest first, up to `until`."""
    return [round(each) for each in schedule.spaced(steps)[::-1] if round(each) <= until]


def invert_step(
    schedule: NoiseSchedule, steps: int, timestep: int, prediction: Array, sample: Array
) -> Array:
    """One step back into noise, to `timestep`.

    Source: Dhariwal and Nichol, "Diffusion Models Beat GANs", 2021, appendix F (DDIM inversion).
    """
    now, then = (
        schedule.alpha(min(timestep - schedule.count // steps, schedule.count - 1)),
        schedule.alpha(timestep),
    )
    clean = schedule.clean(prediction, sample, now)
    epsilon = prediction
    if schedule.prediction_type == "sample":
        epsilon = (sample - now**0.5 * clean) / (1 - now) ** 0.5
    elif schedule.prediction_type == "v_prediction":
        epsilon = now**0.5 * prediction + (1 - now) ** 0.5 * sample
    return np.asarray(then**0.5 * clean + (1 - then) ** 0.5 * epsilon, np.float32)
