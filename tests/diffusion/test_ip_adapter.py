"""IP-Adapters: what stock pipelines draw with them, several references, and what does not fit."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import pytest
from PIL import Image
from safetensors.torch import load_file, save_file

from stylize.config.read_settings import read_settings
from stylize.config.resolved import ResolvedConfig
from stylize.diffusion.generator import DiffusionGenerator
from stylize.errors import StylizeError
from stylize.footage.clip import Shot
from stylize.generators.resolve import resolve, resolve_config
from stylize.passes.style import drawing_settings
from tests.diffusion.test_families import compare
from tests.families import make_parts, write_folder
from tests.ip_adapters import write_image_encoder, write_ip_adapter

pytestmark = pytest.mark.usefixtures("no_network")
PIPELINES = {
    "sd1": diffusers.StableDiffusionImg2ImgPipeline,
    "sdxl": diffusers.StableDiffusionXLImg2ImgPipeline,
}
PLATE = np.random.default_rng(1).random((64, 96, 3), np.float32)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A checkpoint and both kinds of adapter for SD 1.x and XL, and two pictures."""
    home = tmp_path_factory.mktemp("adapters")
    found = {}
    for family in PIPELINES:
        parts = make_parts(family)
        found[family] = write_folder(parts, family, home / family)
        for kind in ("plain", "plus"):
            found[f"{family} {kind}"] = write_ip_adapter(
                parts["unet"], home / f"{kind}-{family}.safetensors", kind
            )
    rng = np.random.default_rng(2)
    for name, size in (("hero", (40, 40, 3)), ("place", (50, 70, 3))):
        found[name] = home / f"{name}.png"
        Image.fromarray(rng.integers(0, 256, size, np.uint8)).save(found[name])
    return found


def config_of(made: dict[str, Path], family: str, **changes: Any) -> ResolvedConfig:
    usual: dict[str, Any] = {
        "model": str(made[family]), "controls": (), "steps": 4, "strength": 0.6, "scheduler": "ddim",
        "guidance": 3.0, "device": "cpu", "precision": "fp32", "offline": True, "references": (made["hero"],),
        "ip_adapter": made[f"{family} plain"],
    }  # fmt: skip
    return resolve_config(read_settings(**(usual | changes)))


@pytest.mark.parametrize("family", PIPELINES)
@pytest.mark.parametrize(
    ("kind", "guidance", "names"),
    [("plain", 1.0, ("hero",)), ("plain", 3.0, ("hero", "place")), ("plus", 3.0, ("hero", "place"))],
)
def test_frames_are_those_of_the_stock_pipeline(
    family: str, kind: str, guidance: float, names: tuple[str, ...], made: dict[str, Path]
) -> None:
    config = config_of(
        made, family, guidance=guidance, ip_adapter=made[f"{family} {kind}"], ip_adapter_weight=0.7,
        references=tuple(made[name] for name in names),
    )  # fmt: skip

    def prepare(pipe: Any) -> None:
        file = made[f"{family} {kind}"]
        pipe.load_ip_adapter(str(file.parent), subfolder="", weight_name=file.name, local_files_only=True)
        pipe.set_ip_adapter_scale(0.7)

    pictures = [Image.open(made[name]).convert("RGB") for name in names]
    drawn = compare(
        config, [PLATE, PLATE[::-1]], PIPELINES[family], {"ip_adapter_image": [pictures]}, prepare
    )
    without = config_of(made, family, guidance=guidance, ip_adapter=None, references=None)
    plain = DiffusionGenerator.load(without).draw([PLATE], [0], Shot(0, 10))[0]
    assert np.abs(drawn[0] - plain).max() > 1e-3


def test_a_batch_and_attention_to_the_first_frame_see_the_references_too(made: dict[str, Path]) -> None:
    generator = DiffusionGenerator.load(config_of(made, "sd1", attend="first"))
    shown = generator.draw_beside(PLATE, [PLATE[:, ::-1], PLATE[::-1]], [3, 4], Shot(0, 9))
    plain = DiffusionGenerator.load(
        config_of(made, "sd1", attend="first", ip_adapter=None, references=None)
    ).draw_beside(PLATE, [PLATE[:, ::-1], PLATE[::-1]], [3, 4], Shot(0, 9))
    assert all(np.abs(a - b).max() > 1e-4 for a, b in zip(shown, plain, strict=True))


def test_what_is_shown_is_in_the_fingerprint_by_its_contents(made: dict[str, Path], tmp_path: Path) -> None:
    own = drawing_settings(config_of(made, "sd1"))
    for name in ("plain-sd1.safetensors", "image_encoder"):
        (shutil.copytree if (made["hero"].parent / name).is_dir() else shutil.copy)(
            made["hero"].parent / name, tmp_path / name
        )
    adapter = tmp_path / "plain-sd1.safetensors"
    assert drawing_settings(config_of(made, "sd1", ip_adapter=adapter)) == own
    weights = load_file(adapter)
    weights["image_proj.proj.bias"] += 1
    save_file(weights, adapter)
    assert drawing_settings(config_of(made, "sd1", ip_adapter=adapter)) != own
    assert drawing_settings(config_of(made, "sd1", references=(made["place"],))) != own
    assert drawing_settings(config_of(made, "sd1", ip_adapter_weight=0.5)) != own
    write_image_encoder(tmp_path / "other")
    assert drawing_settings(config_of(made, "sd1", image_encoder=tmp_path / "other")) != own
    plain = drawing_settings(config_of(made, "sd1", ip_adapter=None, references=None))
    assert not {"ip_adapter", "ip_adapter_weight", "image_encoder", "transformer"} & set(plain)


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"ip_adapter": None}, "is for models that are shown pictures"),
        ({"references": None}, "looks at pictures, and none is named"),
        ({"references": (Path("missing.png"),)}, "no such reference"),
        ({"ip_adapter": Path("missing.safetensors")}, "no such IP-Adapter"),
        ({"ip_adapter": Path("adapter.bin")}, "can run code"),
        ({"ip_adapter": Path("{home}/face.safetensors")}, "FaceID"),
        ({"ip_adapter": Path("{home}/face-plus.safetensors")}, "FaceID"),
        ({"ip_adapter": Path("ip-adapter-faceid_sd15.bin")}, "FaceID"),
        ({"ip_adapter": Path("{home}/lora.safetensors")}, "no IP-Adapter that is known"),
        ({"ip_adapter": Path("{home}/cut.safetensors")}, "no .safetensors file, or is damaged"),
        ({"ip_adapter": Path("{home}/all/alone/plain-sd1.safetensors")}, "no image encoder beside"),
        ({"image_encoder": Path("{home}/wide")}, "gives 16 numbers, and 24 are taken"),
        ({"ip_adapter": Path("{home}/plain-sdxl.safetensors")}, "for another family"),
        ({"runtime": "edge"}, "Only torch draws with an IP-Adapter"),
    ],
)
def test_what_does_not_fit_is_said(
    asked: dict[str, Any], sentence: str, made: dict[str, Path], tmp_path: Path
) -> None:
    home = made["hero"].parent
    if not (home / "all").exists():
        weights = load_file(made["sd1 plain"])
        face = {
            name.replace("image_proj.proj", "image_proj.proj.0"): value for name, value in weights.items()
        }
        save_file(face, home / "face.safetensors")
        face["image_proj.perceiver_resampler.proj_in.weight"] = weights["image_proj.proj.weight"].clone()
        save_file(face, home / "face-plus.safetensors")
        save_file(
            {"lora_unet_x.lora_down.weight": weights["image_proj.proj.bias"]}, home / "lora.safetensors"
        )
        (home / "cut.safetensors").write_bytes(made["sd1 plain"].read_bytes()[:100])
        (home / "all" / "alone" / "image_encoder").mkdir(parents=True)
        shutil.copy(made["sd1 plain"], home / "all" / "alone")
        write_image_encoder(home / "wide", 16)
    placed = {
        name: Path(str(value).format(home=home)) if isinstance(value, Path) else value
        for name, value in asked.items()
    }
    with pytest.raises(StylizeError, match=sentence):
        DiffusionGenerator.load(config_of(made, "sd1", **placed))


def test_it_is_for_stable_diffusion_alone(pipelines: Any, made: dict[str, Path]) -> None:
    asked = {"references": (made["hero"],), "ip_adapter": made["sd1 plain"]}
    with pytest.raises(StylizeError, match="takes no --ip-adapter"):
        resolve(read_settings(model=str(pipelines("flux")), offline=True, **asked))
