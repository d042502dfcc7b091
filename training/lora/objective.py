"""One step's loss: at which noise the network looks, and what it is held to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from diffusers import DDPMScheduler
from diffusers.training_utils import compute_snr
from torch import Tensor

from training.base.loss import drawing_loss
from training.lora.learner import Learner, Lesson, latents_of
from training.lora.recipe import Recipe
from training.lora.standing import Standing
from training.lora.texture import softened, texture_loss

FIRST = 0.75
"""Share of steps at the noisiest timestep, of a checkpoint made for few steps: runs begin there."""
LATER = (749, 499, 249)
"""Timesteps that runs of two to four steps visit after the first."""
OWN = 0.6
"""Share of the later steps that see the network's own first guess under the noise, as they do in a run."""


@dataclass(frozen=True)
class Objective:
    """What is asked of the network; the same for every step of a training.

    A checkpoint that predicts the noise learns as Stable Diffusion did: any timestep, the drawing under the noise,
    squared error. One that predicts the sample in few steps learns on its own path: mostly at the noisiest
    timestep, over what is left there of the *source*, held to the finished drawing.
    """

    standing: Standing
    recipe: Recipe
    levels: Any

    @classmethod
    def of(cls, standing: Standing, recipe: Recipe) -> Objective:
        return cls(standing, recipe, DDPMScheduler.from_config(standing.checkpoint.scheduler.config))

    @property
    def looks_at_drawings(self) -> bool:
        if self.recipe.loss == "auto":
            return self.standing.predicts_the_sample
        return self.recipe.loss == "drawing"

    def loss(
        self, learner: Any, bare: Learner, lesson: Lesson, seed: tuple[int, ...], prior: Tensor | None
    ) -> Tensor:
        """The mean loss of a batch. Timesteps and noise come from `seed` alone.

        Args:
            learner: the learner as accelerate wrapped it; `bare` is the same without the wrapping.
            prior: tokens (1, L) of the prompt without the trigger word, where that is to be kept as it is.
        """
        rng = np.random.default_rng(seed)
        chance = torch.Generator().manual_seed(int(rng.integers(2**62)))
        clean, source = (latents_of(self.standing, pixels) for pixels in (lesson.drawn, lesson.source))
        times, start = self._begin(rng, chance, bare, lesson, clean, source)
        noise = self._noise(clean, chance)
        noisy = self._noised(start, noise, times)
        answer = learner(noisy, times, lesson.ids, lesson.conditions)
        loss = self._judged(answer, clean, noise, noisy, times, lesson.drawn).mean()
        if prior is not None and self.recipe.prior > 0:
            loss = loss + self.recipe.prior * _kept(learner, bare, noisy, times, prior, lesson.conditions)
        return loss

    def _begin(
        self,
        rng: np.random.Generator,
        chance: torch.Generator,
        bare: Learner,
        lesson: Lesson,
        clean: Tensor,
        source: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """Timesteps (N,), and the latents that noise is laid over."""
        count, last = len(clean), self.levels.config.num_train_timesteps
        if not self.standing.predicts_the_sample:
            return torch.from_numpy(rng.integers(0, last, count)).to(clean.device), clean
        later = rng.choice(LATER, count) * last // 1000
        times = torch.from_numpy(np.where(rng.random(count) < FIRST, last - 1, later)).to(clean.device)
        own = torch.from_numpy(rng.random(count) < OWN).to(clean.device)
        first = (times == last - 1).view(-1, 1, 1, 1)
        start = torch.where(first, source, clean)
        if bool((own & ~first.flatten()).any()):
            with torch.no_grad():
                ends = torch.full_like(times, last - 1)
                noisy = self._noised(source, self._noise(source, chance), ends)
                guessed = bare(noisy, ends, lesson.ids, lesson.conditions)
            start = torch.where(own.view(-1, 1, 1, 1) & ~first, guessed.float(), start)
        return times, start

    def _noise(self, like: Tensor, chance: torch.Generator) -> Tensor:
        """Drawn on the CPU, so that every device sees the same; with offset noise as the recipe says.

        Source: Guttenberg, "Diffusion with Offset Noise", 2023.
        """
        noise = torch.randn(like.shape, generator=chance)
        if self.recipe.offset_noise:
            noise = noise + self.recipe.offset_noise * torch.randn(*like.shape[:2], 1, 1, generator=chance)
        return noise.to(like.device)

    def _noised(self, start: Tensor, noise: Tensor, times: Tensor) -> Tensor:
        return self.levels.add_noise(start, noise, times).contiguous(memory_format=torch.channels_last)

    def _judged(
        self, answer: Tensor, clean: Tensor, noise: Tensor, noisy: Tensor, times: Tensor, drawn: Tensor
    ) -> Tensor:
        """A loss for every sample, (N,)."""
        if self.looks_at_drawings:
            guessed = _decode(self.standing, self._clean_guess(answer, noisy, times))
            truth = 2 * drawn - 1
            soft = self.recipe.soft
            flat, detail = self.recipe.flat, self.recipe.detail
            loss = drawing_loss(softened(guessed, soft), softened(truth, soft), flat, detail)
            return loss + self.recipe.texture * texture_loss(guessed, truth) if self.recipe.texture else loss
        kind = self.levels.config.prediction_type
        target = {"epsilon": noise, "sample": clean}.get(kind)
        if target is None:
            target = self.levels.get_velocity(clean, noise, times)
        return self._weight(times) * (answer.float() - target).square().mean(dim=(1, 2, 3))

    def _weight(self, times: Tensor) -> Tensor:
        """Source: Hang et al., "Efficient Diffusion Training via Min-SNR Weighting Strategy", ICCV 2023."""
        gamma = self.recipe.min_snr
        if gamma is None:
            return torch.ones(len(times), device=times.device)
        snr = compute_snr(self.levels, times).clamp(min=1e-8)
        bounded = snr.clamp(max=gamma)
        return {"epsilon": bounded / snr, "v_prediction": bounded / (snr + 1)}.get(
            self.levels.config.prediction_type, bounded
        )

    def _clean_guess(self, answer: Tensor, noisy: Tensor, times: Tensor) -> Tensor:
        kind = self.levels.config.prediction_type
        if kind == "sample":
            return answer
        kept = self.levels.alphas_cumprod.to(noisy.device)[times].view(-1, 1, 1, 1)
        if kind == "epsilon":
            return (noisy - (1 - kept).sqrt() * answer) / kept.sqrt()
        return kept.sqrt() * noisy - (1 - kept).sqrt() * answer


def _decode(standing: Standing, latents: Tensor) -> Tensor:
    """Latents to pixels in [-1, 1], not clamped, so that gradients pass."""
    vae = standing.checkpoint.vae
    shift = getattr(vae.config, "shift_factor", None) or 0.0
    scaled = latents / vae.config.scaling_factor + shift
    return vae.decode(scaled.to(vae.dtype), return_dict=False)[0].float()


def _kept(
    learner: Any, bare: Learner, noisy: Tensor, times: Tensor, prior: Tensor, conditions: list[Tensor]
) -> Tensor:
    """How far the answer without the trigger word has moved from the checkpoint's own.

    Prior preservation without a folder of pictures: the checkpoint itself says what it would have drawn. After
    Ruiz et al., "DreamBooth", CVPR 2023.
    """
    ids = prior.expand(len(noisy), -1)
    bare.unet.disable_adapters()
    with torch.no_grad():
        own = bare(noisy, times, ids, conditions)
    bare.unet.enable_adapters()
    return (learner(noisy, times, ids, conditions) - own).square().mean()
