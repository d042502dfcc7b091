"""What is known of a checkpoint before its weights are loaded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from stylize.diffusion.checkpoint import locate
from stylize.diffusion.families import PipelineFamily, family_of_file
from stylize.diffusion.families.pipelines import grid_of, pipeline_family, side_of
from stylize.diffusion.folder import read_config, read_family, read_index, read_scheduler
from stylize.diffusion.hub import hub_folder
from stylize.diffusion.single_file.header import read_header
from stylize.diffusion.single_file.prediction import side_px
from stylize.diffusion.single_file.scaled import check_scales
from stylize.diffusion.single_file.vae import levels_of
from stylize.storage.digests import digest_of
from stylize.storage.fingerprint import fingerprint, fingerprint_file

CLEAN = "sample"
"""In a scheduler's settings: the model predicts the clean picture."""


@dataclass(frozen=True)
class CheckpointInfo:
    """What is known of a checkpoint, or of an export.

    `place` is a folder, a file or a hub id; `revision` stands for the weights and their configuration;
    `short_side` is the size that it was trained for, px; `latent_scale` is how many pixels a latent spans, each
    way; `levels` is the number of resolutions in the UNet; `family` is a name of `stylize.diffusion.families`;
    `predicts_clean` says that it predicts the clean picture, and not the noise in it; `takes_guidance` that the
    scale of guidance is one of its inputs.
    """

    place: str
    revision: str
    weights_bytes: int
    short_side: int
    latent_scale: int
    levels: int
    family: str = "sd1"
    predicts_clean: bool = False
    takes_guidance: bool = False

    @property
    def grid(self) -> int:
        """The multiple that a picture's sides are padded to, px."""
        return self.latent_scale * 2 ** (self.levels - 1)


def inspect_weights(name: str, offline: bool = False) -> CheckpointInfo:
    """Reads the configuration files or the header of a checkpoint, and computes its revision.

    Raises:
        UsageError, ModelError: there is no such checkpoint, or it is of a family that is not drawn with here.
    """
    place = locate(name)
    path = Path(place)
    if path.is_file():
        return _inspect_file(path)
    folder = path if path.is_dir() else hub_folder(place, ("*.json",), offline)
    pipeline = pipeline_family(str(read_index(folder).get("_class_name", "")))
    if pipeline is not None:
        return _inspect_pipeline(place, folder, pipeline)
    family = read_family(folder)
    unet, vae = read_config(folder, "unet"), read_config(folder, "vae")
    weights = sorted(folder.rglob("*.safetensors"))
    widths = vae.get("block_out_channels") or vae["decoder_block_out_channels"]
    latent_scale = 2 ** (len(widths) - 1)
    return CheckpointInfo(
        place,
        _revision(folder) if path.is_dir() else folder.name,
        sum(each.stat().st_size for each in weights),
        int(unet.get("sample_size") or family.short_side // latent_scale) * latent_scale,
        latent_scale,
        len(unet["block_out_channels"]),
        family.name,
        read_scheduler(folder).get("prediction_type") == CLEAN,
        unet.get("time_cond_proj_dim") is not None,
    )


def draws_with_pipeline(name: str, offline: bool = False) -> bool:
    """Whether one of diffusers' pipelines draws with a checkpoint, and not the UNet's loop."""
    path = Path(locate(name))
    if path.is_file():
        return False
    folder = path if path.is_dir() else hub_folder(name, ("*.json",), offline)
    return pipeline_family(str(read_index(folder).get("_class_name", ""))) is not None


def _inspect_pipeline(place: str, folder: Path, family: PipelineFamily) -> CheckpointInfo:
    grid = grid_of(family, read_config(folder, "vae"))
    return CheckpointInfo(
        place,
        _revision(folder) if Path(place).is_dir() else folder.name,
        sum(each.stat().st_size for each in folder.rglob("*.safetensors")),
        side_of(family, grid),
        grid // 2,
        2,
        family.name,
    )


def _inspect_file(path: Path) -> CheckpointInfo:
    header = read_header(path)
    check_scales(header, path)
    family = family_of_file(header.shapes, path)
    prefix = "model.diffusion_model.input_blocks."
    levels = 1 + sum(name.startswith(prefix) and name.endswith(".0.op.weight") for name in header.shapes)
    vae = {
        name.removeprefix("first_stage_model."): 0
        for name in header.shapes
        if name.startswith("first_stage_")
    }
    sidecar = path.with_suffix(".yaml")
    facts = [digest_of(path), fingerprint_file(sidecar) if sidecar.is_file() else None]
    revision = digest_of(path)[:16] if facts[1] is None else fingerprint(facts)
    return CheckpointInfo(
        str(path),
        revision,
        path.stat().st_size,
        side_px(header, family),
        2 ** (levels_of(vae) - 1),
        levels,
        family.name,
        takes_guidance="model.diffusion_model.time_embed.cond_proj.weight" in header.shapes,
    )


def _revision(folder: Path) -> str:
    """Stands for the weights, and for the configurations: a scheduler's settings change the frames as well."""
    digests = {file: digest_of(file)[:16] for file in folder.rglob("*.safetensors")}
    digests |= {file: fingerprint_file(file) for file in folder.rglob("*.json")}
    return fingerprint([(str(file.relative_to(folder)), digests[file]) for file in sorted(digests)])
