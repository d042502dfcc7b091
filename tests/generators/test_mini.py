"""The bundled checkpoint: within its budget, an ordinary diffusers folder, and it draws."""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

import stylize.diffusion.patch  # noqa: F401  diffusers takes parts from modules already imported
from benchmarks.look import measures
from deflicker.metrics import psnr
from stylize.config.read_settings import read_settings
from stylize.config.resolved import ResolvedConfig
from stylize.diffusion.checkpoint import bundled_models
from stylize.diffusion.generator import DiffusionGenerator
from stylize.diffusion.sizes import scale_down, working_size
from stylize.footage import probe, read_frames
from stylize.footage.clip import Pixels, Shot
from stylize.generators.load import load_generator
from stylize.generators.resolve import resolve_config

SAMPLE = Path(__file__).resolve().parents[2] / "examples" / "sample.mp4"
MINI = bundled_models() / "mini"


@pytest.fixture(scope="module")
def config() -> ResolvedConfig:
    return resolve_config(read_settings(device="cpu", precision="fp32", offline=True))


@pytest.fixture(scope="module")
def plate() -> Pixels:
    clip = probe(SAMPLE)
    frame = next(iter(read_frames(clip, 24, 25))).pixels
    return scale_down(frame, working_size(clip.width, clip.height, 256))


@pytest.fixture(scope="module")
def drawn(config: ResolvedConfig, plate: Pixels) -> Pixels:
    return DiffusionGenerator.load(config).draw([plate], [24], Shot(0, 53))[0]


def test_it_is_small_and_cannot_run_code() -> None:
    files = [path for path in MINI.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} <= {".json", ".safetensors", ".md"}
    assert sum(path.stat().st_size for path in files if path.suffix == ".safetensors") <= 25e6


def test_it_draws_at_384_px_by_default(config: ResolvedConfig) -> None:
    assert config.size == 384


def grey(picture: Pixels) -> np.ndarray:
    return cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)


def test_the_drawing_is_flat_where_the_plate_is_textured(plate: Pixels, drawn: Pixels) -> None:
    flat = measures.flat_areas(plate, drawn)
    assert measures.texture(drawn, flat) < 0.75 * measures.texture(plate, flat)


def test_the_model_draws_lines_of_its_own(plate: Pixels, drawn: Pixels) -> None:
    assert measures.line_coverage(drawn) > 1.3 * measures.line_coverage(plate)


def test_the_drawing_keeps_the_colours_and_shapes(plate: Pixels, drawn: Pixels) -> None:
    cast = (drawn - plate).mean(axis=(0, 1))
    assert np.abs(cast - cast.mean()).max() < 0.03  # lighter or darker, but of no colour
    soft = [cv2.GaussianBlur(grey(each), (0, 0), 3.0).ravel() for each in (plate, drawn)]
    assert np.corrcoef(*soft)[0, 1] > 0.9


def test_stock_diffusers_draws_the_same_frame(config: ResolvedConfig, plate: Pixels, drawn: Pixels) -> None:
    from diffusers import ControlNetModel, StableDiffusionControlNetImg2ImgPipeline

    net = ControlNetModel.from_pretrained(MINI / "controlnet" / "tile", dtype=torch.float32)
    pipe = StableDiffusionControlNetImg2ImgPipeline.from_pretrained(
        MINI, controlnet=net, safety_checker=None, dtype=torch.float32
    )
    pipe.set_progress_bar_config(disable=True)
    generator = DiffusionGenerator.load(config)
    padded = generator.to_model([plate])
    noise = generator._noise([24], Shot(0, 53), generator.checkpoint.vae.encode(padded).latent_dist.mode())
    stock = _with_noise(pipe, noise)(
        prompt=config.prompt,
        image=padded,
        control_image=padded,
        num_inference_steps=config.steps,
        strength=config.strength,
        guidance_scale=1.0,
        controlnet_conditioning_scale=1.0,
        output_type="np",
    ).images[0]
    np.testing.assert_allclose(stock[: plate.shape[0], : plate.shape[1]], drawn, atol=0.005)


def _with_noise(pipe, noise: torch.Tensor):
    """The stock pipeline draws its own noise; here it is given ours."""
    module = sys.modules[type(pipe).__module__]

    def call(**arguments: object):
        own = module.randn_tensor
        module.randn_tensor = lambda *_, **__: noise
        try:
            return pipe(**arguments)
        finally:
            module.randn_tensor = own

    return call


def redrawn(plate: Pixels, **settings: object) -> Pixels:
    config = resolve_config(
        read_settings(**{"device": "cpu", "precision": "fp32", "offline": True, **settings})
    )
    return DiffusionGenerator.load(config).draw([plate], [24], Shot(0, 53))[0]


def ask(palette: str) -> str:
    return f"anime, {palette} palette, medium lines, two tone shading, flat background"


def test_the_prompt_sets_the_palette(plate: Pixels) -> None:
    def warmth(word: str) -> float:
        red, _, blue = redrawn(plate, prompt=ask(word)).mean(axis=(0, 1))
        return float(red - blue)

    assert warmth("warm") > warmth("neutral") + 0.02
    assert warmth("neutral") > warmth("cool") + 0.02


def test_a_strength_is_how_far_along_the_way_to_the_drawing(plate: Pixels) -> None:
    """The plate keeps most of itself at .3, also where fewer steps than three are drawn."""
    away = [psnr(redrawn(plate, strength=strength), plate) for strength in (0.3, 0.6, 1.0)]
    assert away[0] - away[1] > 1.5
    assert away[1] - away[2] > 1.5


@pytest.mark.parametrize("kind", [{"runtime": "edge"}, {"model": "live"}], ids=["export", "live"])
def test_a_strength_means_the_same_to_an_export_and_to_a_live_model(
    kind: dict[str, object], plate: Pixels
) -> None:
    def draw(strength: float) -> Pixels:
        config = resolve_config(read_settings(**kind, offline=True, strength=strength, size=64))
        return load_generator(config).draw([plate], [24], Shot(0, 53))[0]

    np.testing.assert_allclose(draw(0.25), plate + 0.25 * (draw(1.0) - plate), atol=1e-6)


def test_lines_alone_are_drawn_where_the_plate_has_them(plate: Pixels) -> None:
    """Without `tile` no colour is known: what is left of the plate is where its edges are."""
    drawn = redrawn(plate, controls=({"condition": "lineart_standard"},))
    edges = [measures.edges(picture, 1.5) for picture in (drawn, plate)]
    assert measures.edge_f1(edges[0], edges[1], 3.0) > 0.5
    assert np.square(drawn - plate).mean() > 2 * np.square(redrawn(plate) - plate).mean()
