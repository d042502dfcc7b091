"""Prompts: weights, length, learned words; and what may take the place of a checkpoint's own parts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from stylize.config.read_settings import read_settings
from stylize.config.resolved import ResolvedConfig
from stylize.diffusion.checkpoint import Checkpoint, load_checkpoint
from stylize.diffusion.generator import DiffusionGenerator
from stylize.diffusion.prompts.encode import embed_text
from stylize.diffusion.prompts.weights import read_weights
from stylize.diffusion.schedulers import make_scheduler
from stylize.errors import ModelError, UsageError
from stylize.footage.clip import Shot
from stylize.generators.resolve import resolve_config
from stylize.passes.style import drawing_settings
from tests.families import make_parts, vae_in_ldm, write_folder


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    home = tmp_path_factory.mktemp("prompts")
    return {family: write_folder(make_parts(family), family, home / family) for family in ("sd1", "sdxl")}


@pytest.fixture(scope="module")
def loaded(places: dict[str, Path]) -> dict[str, Checkpoint]:
    return {name: load(place) for name, place in places.items()}


def load(place: Path) -> Checkpoint:
    return load_checkpoint(str(place), torch.device("cpu"), torch.float32, offline=True)


@pytest.mark.parametrize(
    ("prompt", "fragments"),
    [
        ("a plain prompt", [("a plain prompt", 1.0)]),
        ("an (important) word", [("an ", 1.0), ("important", 1.1), (" word", 1.0)]),
        ("(((very)))", [("very", 1.1**3)]),
        ("[less]", [("less", 1 / 1.1)]),
        ("(red:1.3) hair", [("red", 1.3), (" hair", 1.0)]),
        ("(a (b:0.5) c)", [("a ", 1.1), ("b", 0.55), (" c", 1.1)]),
        (r"\(literal\) :\)", [("(literal) :)", 1.0)]),
        ("open (forever", [("open ", 1.0), ("forever", 1.1)]),
        ("8:30 o'clock)", [("8:30 o'clock)", 1.0)]),
        ("DAYBREAK over Tokyo, BREAKFAST", [("DAYBREAK over Tokyo, BREAKFAST", 1.0)]),
        ("", [("", 1.0)]),
    ],
)
def test_weights_as_web_uis_write_them(prompt: str, fragments: list[tuple[str, float]]) -> None:
    found = [(each.text, each.weight) for each in read_weights(prompt)]
    assert [text for text, _ in found] == [text for text, _ in fragments]
    np.testing.assert_allclose([weight for _, weight in found], [weight for _, weight in fragments])


def test_a_prompt_does_not_load_networks() -> None:
    with pytest.raises(UsageError, match="does not load networks"):
        read_weights("1girl <lora:style:0.8>")


def by_hand(checkpoint: Checkpoint, words: list[tuple[str, float]]) -> torch.Tensor:
    """A1111's way for one encoder, written out: 75 tokens a part, weights, and the mean put back."""
    tokenizer, pairs = checkpoint.tokenizer, []
    for text, weight in words:
        pairs += [(number, weight) for number in tokenizer(text, add_special_tokens=False).input_ids]
    parts = []
    for at in range(0, max(1, len(pairs)), 75):
        some = pairs[at : at + 75]
        row = [tokenizer.bos_token_id] + [number for number, _ in some]
        row += [tokenizer.eos_token_id] * (77 - len(row))
        weights = torch.tensor([1.0] + [weight for _, weight in some] + [1.0] * (76 - len(some)))
        with torch.no_grad():
            words_of_part = checkpoint.text_encoder(torch.tensor([row]))[0]
        mean = words_of_part.mean()
        heavier = words_of_part * weights[None, :, None]
        parts.append(heavier * (mean / heavier.mean()))
    return torch.cat(parts, dim=1)


def test_weights_and_long_prompts_are_embedded_as_by_hand(loaded: dict[str, Checkpoint]) -> None:
    checkpoint = loaded["sd1"]
    long = " ".join(["film grain night rain"] * 38)  # about 150 tokens
    for prompt, words in (
        ("a (word:1.3) here", [("a", 1.0), ("word", 1.3), ("here", 1.0)]),
        (long, [(long, 1.0)]),
        (f"{long} (red:0.7)", [(long, 1.0), ("red", 0.7)]),
    ):
        found, pooled = embed_text(checkpoint, prompt, 0)
        torch.testing.assert_close(found, by_hand(checkpoint, words), rtol=0, atol=1e-5)
        assert pooled is None
    assert embed_text(checkpoint, long, 0)[0].shape[1] == 154 + 77 * (len(long.split()) > 150)


def test_a_part_ends_behind_a_comma_if_one_is_near(loaded: dict[str, Checkpoint]) -> None:
    from stylize.diffusion.prompts.chunks import cut

    tokenizer = loaded["sd1"].tokenizer
    text = "a " * 65 + ", " + "b " * 20
    parts = cut(tokenizer, read_weights(text))
    assert [len(part.ids) for part in parts] == [66, 20]
    parts = cut(tokenizer, read_weights("a BREAK b"))
    assert [len(part.ids) for part in parts] == [1, 1]


def test_a_long_prompt_and_a_short_negative_one_draw(
    places: dict[str, Path], narrow_config: ResolvedConfig
) -> None:
    plate = np.random.default_rng(0).random((32, 48, 3), np.float32)
    for place in places.values():
        changes = {"checkpoint": str(place), "controls": (), "steps": 2, "guidance": 3.0, "scheduler": None}
        drawn = []
        for prompt in ("rain " * 90, "rain " * 90 + "(snow:1.4)"):
            config = narrow_config.model_copy(update=changes | {"prompt": prompt})
            generator = DiffusionGenerator.load(config)
            assert generator.prompt.uncond is not None
            assert generator.prompt.cond.shape == generator.prompt.uncond.shape
            drawn.append(generator.draw([plate], [0], Shot(0, 1))[0])
        assert np.abs(drawn[0] - drawn[1]).max() > 1e-5


def test_layers_left_out(loaded: dict[str, Checkpoint]) -> None:
    """Stable Diffusion XL leaves out the last layer by itself, and both leave out more where that is asked."""
    xl, ids = (
        loaded["sdxl"],
        loaded["sdxl"].tokenizer(["rain"], padding="max_length", return_tensors="pt").input_ids,
    )
    ids_2 = loaded["sdxl"].tokenizer_2(["rain"], padding="max_length", return_tensors="pt").input_ids
    with torch.no_grad():
        first = xl.text_encoder(ids, output_hidden_states=True).hidden_states
        second = xl.text_encoder_2(ids_2, output_hidden_states=True)
    for skip in (0, 1):
        found, pooled = embed_text(xl, "rain", skip)
        wanted = torch.cat([first[-2 - skip], second.hidden_states[-2 - skip]], dim=-1)
        torch.testing.assert_close(found, wanted, rtol=0, atol=0)
        torch.testing.assert_close(pooled, second.text_embeds, rtol=0, atol=0)


def test_learned_words_of_one_and_of_two_encoders(
    places: dict[str, Path], narrow_config: ResolvedConfig, tmp_path: Path
) -> None:
    from stylize.diffusion.prompts.words import load_word

    loaded = {name: load(place) for name, place in places.items()}
    vectors = torch.randn(3, 64)
    save_file({"emb_params": vectors}, tmp_path / "badhands-5.safetensors")
    save_file({"clip_l": vectors, "clip_g": vectors[:, :32].clone()}, tmp_path / "lazy xl.safetensors")
    load_word(loaded["sd1"], tmp_path / "badhands-5.safetensors")
    load_word(loaded["sdxl"], tmp_path / "lazy xl.safetensors")
    rows: list[torch.Tensor] = []
    watch = loaded["sd1"].text_encoder.get_input_embeddings()
    watch.register_forward_hook(lambda _, __, output: rows.append(output))
    embed_text(loaded["sd1"], "rain, BadHands-5, snow", 0)
    torch.testing.assert_close(rows[0][0, 3:6], vectors)
    plain, _ = embed_text(loaded["sdxl"], "rain", 0)
    assert not torch.equal(embed_text(loaded["sdxl"], "rain lazy xl", 0)[0], plain)
    with pytest.raises(ModelError, match="another family"):
        load_word(loaded["sdxl"], tmp_path / "badhands-5.safetensors")
    unused = narrow_config.model_copy(
        update={
            "checkpoint": str(places["sd1"]),
            "controls": (),
            "embeddings": (str(tmp_path / "badhands-5.safetensors"),),
        }
    )
    with pytest.raises(UsageError, match="in neither prompt"):
        DiffusionGenerator.load(unused)


def test_what_is_loaded_is_in_the_fingerprint_by_its_contents(
    places: dict[str, Path], tmp_path: Path
) -> None:
    word, vae = tmp_path / "word.safetensors", tmp_path / "vae.safetensors"

    def settings(seed: int) -> Any:
        save_file({"emb_params": torch.full((1, 64), float(seed))}, word)
        save_file({"decoder.conv_in.weight": torch.full((1, 64), float(seed))}, vae)
        flags = {
            "model": str(places["sd1"]),
            "controls": (),
            "device": "cpu",
            "precision": "fp32",
            "offline": True,
        }
        return drawing_settings(resolve_config(read_settings(vae=str(vae), embeddings=[word], **flags)))

    first, again, other = settings(1), settings(1), settings(2)
    assert first == again
    assert first["embeddings"] != other["embeddings"]
    assert first["vae"] != other["vae"]


def test_another_autoencoder(places: dict[str, Path], narrow_config: ResolvedConfig, tmp_path: Path) -> None:
    from diffusers import AutoencoderTiny

    torch.manual_seed(5)
    parts = make_parts("sdxl")
    plain = {name: value.clone().contiguous() for name, value in vae_in_ldm(parts["vae"]).items()}
    save_file(plain, tmp_path / "plain.safetensors")
    save_file(
        {name: value.clone() for name, value in AutoencoderTiny().state_dict().items()},
        tmp_path / "tiny.safetensors",
    )
    plate = np.random.default_rng(0).random((64, 64, 3), np.float32)
    base = {"checkpoint": str(places["sd1"]), "controls": (), "steps": 1}
    drawn = {}
    for name in (None, "plain", "tiny"):
        vae = None if name is None else str(tmp_path / f"{name}.safetensors")
        generator = DiffusionGenerator.load(narrow_config.model_copy(update=base | {"vae": vae}))
        drawn[name] = generator.draw([plate], [0], Shot(0, 1))[0]
        if name == "plain":
            assert torch.equal(
                generator.checkpoint.vae.decoder.conv_in.weight, parts["vae"].decoder.conv_in.weight
            )
            assert generator.checkpoint.vae.config.scaling_factor == 0.18215
        if name == "tiny":
            assert type(generator.checkpoint.vae).__name__ == "AutoencoderTiny"
    assert np.abs(drawn["plain"] - drawn[None]).max() > 1e-3
    assert np.abs(drawn["tiny"] - drawn[None]).max() > 1e-3


def test_numbers_that_are_none_are_an_error(places: dict[str, Path], narrow_config: ResolvedConfig) -> None:
    generator = DiffusionGenerator.load(
        narrow_config.model_copy(update={"checkpoint": str(places["sd1"]), "controls": (), "steps": 1})
    )
    with torch.no_grad():
        generator.checkpoint.unet.conv_out.bias.fill_(float("nan"))
    with pytest.raises(ModelError, match="Frame 4") as caught:
        generator.draw([np.zeros((64, 64, 3), np.float32)], [4], Shot(0, 9))
    assert "--precision" in str(caught.value.hint)


def test_an_autoencoder_that_overflows_is_kept_in_float32(places: dict[str, Path]) -> None:
    checkpoint = load_checkpoint(str(places["sdxl"]), torch.device("cpu"), torch.float16, True)
    assert checkpoint.unet.dtype == torch.float16
    assert checkpoint.vae.dtype == torch.float32


@pytest.mark.parametrize(
    ("name", "spacing", "sigmas", "wanted"),
    [
        ("euler", "trailing", None, [999, 749, 499, 249]),
        ("ddim", "trailing", None, [999, 749, 499, 249]),
        ("euler", "leading", None, [751, 501, 251, 1]),
        ("dpm++", None, "karras", None),
        ("dpm++-sde", "trailing", None, [999, 749, 499, 249]),
    ],
)
def test_schedules(
    name: str, spacing: Any, sigmas: Any, wanted: list[int] | None, loaded: dict[str, Checkpoint]
) -> None:
    scheduler = make_scheduler(loaded["sdxl"].scheduler, name, spacing, sigmas)
    scheduler.set_timesteps(4)
    if wanted is not None:
        assert [round(float(each)) for each in scheduler.timesteps] == wanted
    assert (sigmas is None) != bool(scheduler.config.get("use_karras_sigmas"))


def test_schedules_that_a_sampler_does_not_have(loaded: dict[str, Checkpoint]) -> None:
    with pytest.raises(UsageError, match="does not choose its noise levels"):
        make_scheduler(loaded["sd1"].scheduler, "ddim", None, "karras")


def test_large_pictures_are_drawn_at_the_area_of_the_training(places: dict[str, Path]) -> None:
    from stylize.diffusion.sizes import working_size

    common = {"controls": (), "device": "cpu", "offline": True}
    xl = resolve_config(read_settings(model=str(places["sdxl"]), **common))
    assert xl.most_px == xl.size**2
    assert resolve_config(read_settings(model=str(places["sdxl"]), size=512, **common)).most_px is None
    assert resolve_config(read_settings(model=str(places["sd1"]), **common)).most_px is None
    assert working_size(3840, 2160, 1024, 1024**2) == (1365, 768)
    assert working_size(2000, 2000, 1024, 1024**2) == (1024, 1024)


def test_an_export_is_not_asked_for_what_it_cannot_do(places: dict[str, Path]) -> None:
    common = {"device": "cpu", "offline": True, "controls": (), "runtime": "edge"}
    for told, flags in (
        ("Stable Diffusion XL", {"model": str(places["sdxl"])}),
        ("weights in a prompt", {"prompt": "(rain:1.3)"}),
        ("another autoencoder", {"vae": "x"}),
        ("the sampler tcd", {"scheduler": "tcd"}),
    ):
        with pytest.raises(UsageError, match=told):
            resolve_config(read_settings(**common, **flags))


def test_memory_that_runs_out_halves_the_batch(
    places: dict[str, Path], narrow_config: ResolvedConfig, caplog: pytest.LogCaptureFixture
) -> None:
    config = narrow_config.model_copy(update={"checkpoint": str(places["sd1"]), "controls": (), "steps": 1})
    generator, roomy = DiffusionGenerator.load(config), DiffusionGenerator.load(config)
    unet, sizes = generator.checkpoint.unet, []

    def small(_: Any, inputs: tuple[torch.Tensor, ...]) -> None:
        sizes.append(len(inputs[0]))
        if len(inputs[0]) > 1:
            raise torch.OutOfMemoryError("CUDA out of memory")

    unet.register_forward_pre_hook(small)
    plates = list(np.random.default_rng(0).random((5, 64, 64, 3), np.float32))
    drawn = generator.draw(plates, range(5), Shot(0, 9))
    said = [record for record in caplog.records if "does not hold a batch" in record.message]
    assert (sizes, len(said)) == ([5, 2, 1, 1, 1, 1, 1], 2)
    for number, picture in enumerate(drawn):
        np.testing.assert_allclose(picture, roomy.draw([plates[number]], [number], Shot(0, 9))[0], atol=1e-6)
    unet.register_forward_pre_hook(lambda *_: (_ for _ in ()).throw(torch.OutOfMemoryError("CUDA")))
    with pytest.raises(ModelError, match="not enough memory to draw one frame"):
        generator.draw(plates[:1], [0], Shot(0, 9))


@pytest.mark.parametrize("family", ["sd1", "sdxl"])
def test_memory_and_arithmetic_are_counted_without_weights(family: str, places: dict[str, Path]) -> None:
    """The peak by hand where it is known: the last block of the decoder, at the full size."""
    from stylize.diffusion.weightless import activation_bytes, count_flop, read_weightless

    networks = read_weightless(places[family], torch.bfloat16)
    assert networks is not None
    one, four = (networks.calls(128, 64, frames, 1) for frames in (1, 4))
    peaks = [activation_bytes({"decoder": calls["decoder"]}) for calls in (one, four)]
    layer = 32 * 128 * 64 * 2  # channels of one picture at the full size, in bf16
    assert 3 * layer <= peaks[0] <= 5.1 * layer
    assert peaks[1] == 4 * peaks[0]
    assert count_flop(four["unet"]) == pytest.approx(4 * count_flop(one["unet"]), rel=0.02)
    assert networks.weights_bytes() == sum(
        each.nbytes // 2
        for part in ("unet", "vae")
        for each in load_checkpoint(str(places[family]), torch.device("cpu"), torch.float32, True)
        .__dict__[part]
        .parameters()
    )


def test_a_style_knows_the_family_that_it_is_drawn_with(places: dict[str, Path]) -> None:
    common = {"device": "cpu", "offline": True, "style": "anime"}
    own = resolve_config(read_settings(**common))
    xl = resolve_config(read_settings(model=str(places["sdxl"]), **common))
    assert (own.steps, own.guidance, own.strength) == (1, 1.0, 1.0)
    assert (xl.steps, xl.guidance, xl.scheduler) == (28, 5.0, "euler-a")
    assert "masterpiece" in xl.prompt
    assert resolve_config(read_settings(model=str(places["sdxl"]), steps=9, **common)).steps == 9


def test_a_style_for_other_families_says_so(places: dict[str, Path], tmp_path: Path) -> None:
    (tmp_path / "style.toml").write_text(
        'title = "x"\ncheckpoint = "mini"\nprompt = "x"\nfamilies = ["sd1"]\n', encoding="utf-8"
    )
    with pytest.raises(UsageError, match="for sd1 checkpoints"):
        resolve_config(
            read_settings(
                style=str(tmp_path / "style.toml"), model=str(places["sdxl"]), device="cpu", offline=True
            )
        )
