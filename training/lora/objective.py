"""The loss of a batch: which timesteps and noise it sees, and what the network's prediction is compared with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from diffusers import DDPMScheduler
from diffusers.training_utils import compute_snr
from torch import Tensor

from training.base.loss import drawing_loss
from training.lora.adapter import adapters_disabled
from training.lora.base_model import BaseModel
from training.lora.denoiser import Denoiser, StyleBatch
from training.lora.recipe import StyleRecipe
from training.lora.texture_loss import softened, texture_loss

NOISIEST_SHARE = 0.75
"""For a checkpoint made for few steps: share of samples at the noisiest timestep, where every run begins."""
LATER_TIMESTEPS = (749, 499, 249)
"""Of 1000: the timesteps that runs of two to four steps visit after the first."""
OWN_PREDICTION_SHARE = 0.6
"""Share of the samples at later timesteps that start from the network's own first prediction, as in a run."""


@dataclass(frozen=True)
class Objective:
    """What the network is trained to do; the same for every step of a training.

    A checkpoint that predicts noise is trained as Stable Diffusion was: any timestep, noise over the drawing's
    latents, squared error. One that predicts the sample in few steps is trained at the timesteps that its runs
    visit, mostly the noisiest, with noise over the latents of the *source*, from which runs start too. The decoded
    prediction is compared with the drawing.
    """

    base_model: BaseModel
    recipe: StyleRecipe
    scheduler: Any

    @classmethod
    def of(cls, base_model: BaseModel, recipe: StyleRecipe) -> Objective:
        return cls(base_model, recipe, DDPMScheduler.from_config(base_model.checkpoint.scheduler.config))

    def loss(
        self, model: Any, unwrapped: Denoiser, batch: StyleBatch, seed: tuple[int, ...], prior: Tensor | None
    ) -> Tensor:
        """The mean loss of a batch. Timesteps and noise come from `seed` alone.

        Args:
            model: the denoiser as accelerate wrapped it, whose gradients are taken.
            unwrapped: the same without the wrapping, for predictions without gradients.
            prior: tokens (1, L) of the prompt without the trigger word, for the prior loss.
        """
        rng = np.random.default_rng(seed)
        generator = torch.Generator().manual_seed(int(rng.integers(2**62)))
        clean, source = (self.base_model.encode(pixels) for pixels in (batch.drawn, batch.source))
        timesteps, start = self._draw_start(rng, generator, unwrapped, batch, clean, source)
        noise = self._draw_noise(clean, generator)
        noisy = self._add_noise(start, noise, timesteps)
        prediction = model(noisy, timesteps, batch.ids, batch.conditions)
        if self._compares_pictures:
            losses = self._picture_losses(prediction, noisy, timesteps, batch.drawn)
        else:
            losses = self._prediction_losses(prediction, clean, noise, timesteps)
        loss = losses.mean()
        if prior is not None and self.recipe.prior > 0:
            loss = loss + self.recipe.prior * _prior_loss(
                model, unwrapped, noisy, timesteps, prior, batch.conditions
            )
        return loss

    @property
    def _compares_pictures(self) -> bool:
        if self.recipe.loss == "auto":
            return self.base_model.predicts_sample
        return self.recipe.loss == "drawing"

    def _draw_start(
        self,
        rng: np.random.Generator,
        generator: torch.Generator,
        unwrapped: Denoiser,
        batch: StyleBatch,
        clean: Tensor,
        source: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """Timesteps (N,), and the latents that noise is added to, of the shape of `clean`."""
        count, levels = len(clean), self.scheduler.config.num_train_timesteps
        if not self.base_model.predicts_sample:
            return torch.from_numpy(rng.integers(0, levels, count)).to(clean.device), clean
        later = rng.choice(LATER_TIMESTEPS, count) * levels // 1000
        drawn = np.where(rng.random(count) < NOISIEST_SHARE, levels - 1, later)
        timesteps = torch.from_numpy(drawn).to(clean.device)
        own = torch.from_numpy(rng.random(count) < OWN_PREDICTION_SHARE).to(clean.device).view(-1, 1, 1, 1)
        noisiest = (timesteps == levels - 1).view(-1, 1, 1, 1)
        start = torch.where(noisiest, source, clean)
        if bool((own & ~noisiest).any()):
            with torch.no_grad():
                last = torch.full_like(timesteps, levels - 1)
                noisy = self._add_noise(source, self._draw_noise(source, generator), last)
                predicted = unwrapped(noisy, last, batch.ids, batch.conditions)
            start = torch.where(own & ~noisiest, predicted.float(), start)
        return timesteps, start

    def _draw_noise(self, like: Tensor, generator: torch.Generator) -> Tensor:
        """Noise of the shape of `like`, drawn on the CPU so that every device gets the same.

        Source of offset noise: Guttenberg, "Diffusion with Offset Noise", 2023.
        """
        noise = torch.randn(like.shape, generator=generator)
        if self.recipe.offset_noise:
            noise = noise + self.recipe.offset_noise * torch.randn(*like.shape[:2], 1, 1, generator=generator)
        return noise.to(like.device)

    def _add_noise(self, start: Tensor, noise: Tensor, timesteps: Tensor) -> Tensor:
        return self.scheduler.add_noise(start, noise, timesteps).contiguous(memory_format=torch.channels_last)

    def _picture_losses(self, prediction: Tensor, noisy: Tensor, timesteps: Tensor, drawn: Tensor) -> Tensor:
        """For each sample, how far the decoded picture is from the drawing, (N,)."""
        recipe = self.recipe
        picture = self.base_model.decode(self._predicted_sample(prediction, noisy, timesteps))
        truth = 2 * drawn - 1
        loss = drawing_loss(
            softened(picture, recipe.soft), softened(truth, recipe.soft), recipe.flat, recipe.detail
        )
        return loss + recipe.texture * texture_loss(picture, truth) if recipe.texture else loss

    def _prediction_losses(
        self, prediction: Tensor, clean: Tensor, noise: Tensor, timesteps: Tensor
    ) -> Tensor:
        """For each sample, the weighted squared error of what the network predicts, (N,)."""
        kind = self.scheduler.config.prediction_type
        target = {"epsilon": noise, "sample": clean}.get(kind)
        if target is None:
            target = self.scheduler.get_velocity(clean, noise, timesteps)
        return self._weight(timesteps) * (prediction.float() - target).square().mean(dim=(1, 2, 3))

    def _weight(self, timesteps: Tensor) -> Tensor:
        """Weight of each timestep, (N,).

        Source: Hang et al., "Efficient Diffusion Training via Min-SNR Weighting Strategy", ICCV 2023.
        """
        gamma = self.recipe.min_snr
        if gamma is None:
            return torch.ones(len(timesteps), device=timesteps.device)
        snr = compute_snr(self.scheduler, timesteps).clamp(min=1e-8)
        bounded = snr.clamp(max=gamma)
        return {"epsilon": bounded / snr, "v_prediction": bounded / (snr + 1)}.get(
            self.scheduler.config.prediction_type, bounded
        )

    def _predicted_sample(self, prediction: Tensor, noisy: Tensor, timesteps: Tensor) -> Tensor:
        """The clean latents that a prediction of any type stands for."""
        kind = self.scheduler.config.prediction_type
        if kind == "sample":
            return prediction
        alphas = self.scheduler.alphas_cumprod.to(noisy.device)[timesteps].view(-1, 1, 1, 1)
        if kind == "epsilon":
            return (noisy - (1 - alphas).sqrt() * prediction) / alphas.sqrt()
        return alphas.sqrt() * noisy - (1 - alphas).sqrt() * prediction


def _prior_loss(
    model: Any, unwrapped: Denoiser, noisy: Tensor, timesteps: Tensor, prior: Tensor, conditions: list[Tensor]
) -> Tensor:
    """How far the prediction without the trigger word has moved from that of the checkpoint alone.

    Prior preservation without a folder of pictures: the checkpoint itself shows what it would have drawn. After
    Ruiz et al., "DreamBooth", CVPR 2023.
    """
    ids = prior.expand(len(noisy), -1)
    with adapters_disabled(unwrapped.unet, unwrapped.text_encoder), torch.no_grad():
        original = unwrapped(noisy, timesteps, ids, conditions)
    return (model(noisy, timesteps, ids, conditions) - original).square().mean()
