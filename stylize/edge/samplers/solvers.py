"""The solvers: from a guess of the network to a little less noise."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from stylize.edge.samplers.levels import Array, Levels, kept_of

NoiseSource = Callable[[], Array]
"""More noise of the sample's shape, for the samplers that add some on the way."""


class Sampler:
    """One run down the noise levels, in the variance-preserving scale.

    Args:
        levels: of the checkpoint's scheduler.
        steps: denoising steps at strength 1.
        strength: which share of them, from the clean end, is walked.
    """

    def __init__(self, levels: Levels, steps: int, strength: float) -> None:
        self.levels = levels
        self.steps = steps
        every = self.visit(steps)
        self.first = steps - kept_of(steps, strength)
        self.every = every
        self.timesteps = every[self.first :]

    def visit(self, steps: int) -> list[float]:
        """Every timestep of a run at strength 1, noisiest first."""
        return [float(round(each)) for each in self.levels.spaced(steps)]

    def add_noise(self, latents: Array, noise: Array) -> Array:
        """The latents as they are at the run's first timestep."""
        alpha = self.levels.alpha(int(self.timesteps[0]))
        return np.asarray(alpha**0.5 * latents + (1 - alpha) ** 0.5 * noise, np.float32)

    def from_inverted(self, latents: Array) -> Array:
        """Latents found by inversion, in this sampler's scale."""
        return latents

    def seen(self, number: int, sample: Array) -> Array:
        """What the network is shown at the step of that number."""
        return sample

    def step(self, number: int, guess: Array, sample: Array, noise: NoiseSource) -> Array:
        """The sample after the step of that number."""
        raise NotImplementedError


class Ddim(Sampler):
    """Source: Song et al., "Denoising Diffusion Implicit Models", ICLR 2021, with eta 0."""

    def step(self, number: int, guess: Array, sample: Array, noise: NoiseSource) -> Array:
        timestep = int(self.timesteps[number])
        now = self.levels.alpha(timestep)
        then = self.levels.alpha(timestep - self.levels.count // self.steps)
        clean = self.levels.clean(guess, sample, now)
        if self.levels.prediction == "sample":  # what is left of the noise follows from the two
            share = ((1 - then) / (1 - now)) ** 0.5
            return _mixed(then**0.5 - now**0.5 * share, clean, share, sample)
        epsilon = guess
        if self.levels.prediction == "v_prediction":
            epsilon = now**0.5 * guess + (1 - now) ** 0.5 * sample
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
    multistep only (PLMS): the first step is taken twice, the second time with the mean of two guesses."""

    WEIGHTS = ((1.0,), (3 / 2, -1 / 2), (23 / 12, -16 / 12, 5 / 12), (55 / 24, -59 / 24, 37 / 24, -9 / 24))

    def __init__(self, levels: Levels, steps: int, strength: float) -> None:
        super().__init__(levels, steps, strength)
        self._guesses: list[Array] = []
        self._start: Array | None = None

    def visit(self, steps: int) -> list[float]:
        plain = super().visit(steps)
        return plain[:1] + plain[1:2] * 2 + plain[2:]

    def step(self, number: int, guess: Array, sample: Array, noise: NoiseSource) -> Array:
        gap = self.levels.count // self.steps
        timestep = int(self.timesteps[number])
        if number == 1 and self._start is not None:
            both = np.asarray((guess + self._guesses[-1]) / 2, np.float32)
            return self._move(timestep + gap, timestep, both, self._start)
        self._guesses = [*self._guesses[-3:], guess]
        if number == 0:
            self._start = sample
        weights = self.WEIGHTS[len(self._guesses) - 1]
        mixed = sum(weight * each for weight, each in zip(weights, reversed(self._guesses), strict=True))
        return self._move(timestep, timestep - gap, np.asarray(mixed, np.float32), sample)

    def _move(self, timestep: int, to: int, guess: Array, sample: Array) -> Array:
        now, then = self.levels.alpha(timestep), self.levels.alpha(to)
        if self.levels.prediction == "v_prediction":
            guess = np.asarray(now**0.5 * guess + (1 - now) ** 0.5 * sample, np.float32)
        share = now * (1 - then) ** 0.5 + (now * (1 - now) * then) ** 0.5
        return np.asarray((then / now) ** 0.5 * sample - (then - now) * guess / share, np.float32)


class Lcm(Sampler):
    """Source: Luo et al., "Latent Consistency Models", 2023."""

    ORIGINAL = 50

    def visit(self, steps: int) -> list[float]:
        original = int(self.levels.config.get("original_inference_steps", self.ORIGINAL))
        taught = (np.arange(1, original + 1) * (self.levels.count // original) - 1)[::-1]
        places = np.floor(np.linspace(0, len(taught), num=steps, endpoint=False)).astype(int)
        return [float(each) for each in taught[places]]

    def step(self, number: int, guess: Array, sample: Array, noise: NoiseSource) -> Array:
        timestep = int(self.timesteps[number])
        scaled = timestep * float(self.levels.config.get("timestep_scaling", 10.0))
        keep, take = 0.25 / (scaled**2 + 0.25), scaled / (scaled**2 + 0.25) ** 0.5
        clean = self.levels.clean(guess, sample, self.levels.alpha(timestep))
        clean = np.asarray(take * clean + keep * sample, np.float32)
        if number == len(self.timesteps) - 1:
            return np.asarray(clean, np.float32)
        then = self.levels.alpha(int(self.timesteps[number + 1]))
        return np.asarray(then**0.5 * clean + (1 - then) ** 0.5 * noise(), np.float32)


class Euler(Sampler):
    """In the variance-exploding scale. Source: Karras et al., "Elucidating the Design Space of Diffusion-Based
    Generative Models", NeurIPS 2022, algorithm 2 without churn."""

    def __init__(self, levels: Levels, steps: int, strength: float) -> None:
        super().__init__(levels, steps, strength)
        every = ((1 - levels.alphas) / levels.alphas) ** 0.5
        sigmas = np.interp(self.every, np.arange(levels.count), every)
        self.sigmas = np.append(sigmas, 0).astype(np.float32)[self.first :]

    def visit(self, steps: int) -> list[float]:
        spacing = self.levels.config.get("timestep_spacing", "linspace")
        return [float(np.float32(each)) for each in self.levels.spaced(steps, spacing)]

    def add_noise(self, latents: Array, noise: Array) -> Array:
        return np.asarray(latents + self.sigmas[0] * noise, np.float32)

    def from_inverted(self, latents: Array) -> Array:
        return np.asarray(latents * (1 + self.sigmas[0] ** 2) ** 0.5, np.float32)

    def seen(self, number: int, sample: Array) -> Array:
        return np.asarray(sample / (self.sigmas[number] ** 2 + 1) ** 0.5, np.float32)

    def step(self, number: int, guess: Array, sample: Array, noise: NoiseSource) -> Array:
        sigma, to = self.sigmas[number], self.sigmas[number + 1]
        return np.asarray(sample + self._slope(guess, sample, sigma) * (to - sigma), np.float32)

    def _slope(self, guess: Array, sample: Array, sigma: float) -> Array:
        if self.levels.prediction == "epsilon":
            return guess
        clean = guess
        if self.levels.prediction == "v_prediction":
            clean = guess * (-sigma / (sigma**2 + 1) ** 0.5) + sample / (sigma**2 + 1)
        return np.asarray((sample - clean) / sigma, np.float32)


class EulerAncestral(Euler):
    """The same with as much fresh noise as each step took away."""

    def step(self, number: int, guess: Array, sample: Array, noise: NoiseSource) -> Array:
        sigma, to = self.sigmas[number], self.sigmas[number + 1]
        up = (to**2 * (sigma**2 - to**2) / sigma**2) ** 0.5
        down = (to**2 - up**2) ** 0.5
        return np.asarray(
            sample + self._slope(guess, sample, sigma) * (down - sigma) + noise() * up, np.float32
        )


class DpmSolver(Sampler):
    """Source: Lu et al., "DPM-Solver++", 2022: second order, multistep, midpoint, the last step of first order."""

    def __init__(self, levels: Levels, steps: int, strength: float) -> None:
        super().__init__(levels, steps, strength)
        self._last: Array | None = None

    def visit(self, steps: int) -> list[float]:
        spacing = self.levels.config.get("timestep_spacing", "linspace")
        if spacing == "trailing":
            return [float(each) for each in self.levels.spaced(steps, spacing)]
        return [float(round(each)) for each in self.levels.spaced(steps + 1, spacing)[:-1]]

    def step(self, number: int, guess: Array, sample: Array, noise: NoiseSource) -> Array:
        clean = self.levels.clean(guess, sample, self.levels.alpha(int(self.timesteps[number])))
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
        alpha = self.levels.alpha(int(self.timesteps[number]))
        return alpha**0.5, (1 - alpha) ** 0.5, 0.5 * float(np.log(alpha / (1 - alpha)))


def invert_timesteps(levels: Levels, steps: int, until: float) -> list[int]:
    """The timesteps of a run backwards, cleanest first, up to `until`."""
    return [round(each) for each in levels.spaced(steps)[::-1] if round(each) <= until]


def invert_step(levels: Levels, steps: int, timestep: int, guess: Array, sample: Array) -> Array:
    """One step back into noise, to `timestep`.

    Source: Dhariwal and Nichol, "Diffusion Models Beat GANs", 2021, appendix F (DDIM inversion).
    """
    now, then = levels.alpha(min(timestep - levels.count // steps, levels.count - 1)), levels.alpha(timestep)
    clean = levels.clean(guess, sample, now)
    epsilon = guess
    if levels.prediction == "sample":
        epsilon = (sample - now**0.5 * clean) / (1 - now) ** 0.5
    elif levels.prediction == "v_prediction":
        epsilon = now**0.5 * guess + (1 - now) ** 0.5 * sample
    return np.asarray(then**0.5 * clean + (1 - then) ** 0.5 * epsilon, np.float32)
