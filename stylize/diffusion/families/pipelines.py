"""Families that diffusers' own pipelines draw with: transformers for pictures, for instructions and for shots."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from stylize.diffusion.families.base import KnownFamily


@dataclass(frozen=True)
class PipelineFamily(KnownFamily):
    """A family whose frames one of diffusers' pipelines draws.

    Attributes:
        kind: what the source is to it: a picture that is drawn over from some noise on (`image`), a picture that
            the prompt tells how to change (`instruction`), or frames of a shot that are drawn together (`shot`).
        indexes: the classes that a folder's model_index.json may name.
        draws: the class of the pipeline that draws.
        controlled: the class that draws with ControlNets; None where there is none.
        control_net: the class of the family's ControlNets.
        control_keeps_plate: with ControlNets it still draws over the source; else it draws from noise alone.
        control_steps: ControlNets can be several, and act in a part of the steps; else one acts in every step.
        negative: whether it takes a negative prompt.
        references: whether it is shown other pictures beside the frame: a hero, a background.
        vae_in_fp32: its autoencoder is kept in float32, whatever the precision.
        window, overlap: how many frames of a shot it draws together, and how many of these it draws again with
            the next ones (families of the kind `shot`, as the next three).
        frame_step: frames that a latent spans; a window has a multiple of them, and one more.
        over_source: it draws over the frames, from some noise on; else they are only shown to it.
        condition: it can be shown a condition, computed from the frames, in their place.
        steps, guidance, strength: what is usual, where a style does not say.
        grid: what the sides of a picture must divide by, px.
    """

    kind: Literal["image", "instruction", "shot"]
    indexes: tuple[str, ...]
    draws: str
    negative: bool
    steps: int
    guidance: float
    strength: float = 1.0
    controlled: str | None = None
    control_net: str | None = None
    control_keeps_plate: bool = False
    control_steps: bool = True
    references: bool = False
    vae_in_fp32: bool = False
    window: int = 1
    overlap: int = 0
    frame_step: int = 4
    over_source: bool = False
    condition: bool = False
    grid: int = 16

    def takes_strength(self, controls: bool) -> bool:
        """Whether a drawing departs from the source by a chosen strength."""
        return self.over_source or (self.kind == "image" and (not controls or self.control_keeps_plate))

    def whole_length(self, frames: int) -> int:
        """The next number of frames that can be drawn together."""
        return -(-(frames - 1) // self.frame_step) * self.frame_step + 1


PIPELINES: Mapping[str, PipelineFamily] = {
    family.name: family
    for family in (
        PipelineFamily(
            name="flux", title="Flux.1", weights=12.0, texts=4.9,
            licence="FLUX.1 [dev] non-commercial; [schnell] Apache-2.0",
            about="1024 px: a transformer of 12 billion weights, image to image",
            short_side=1024, many_shapes=True, kind="image",
            indexes=("FluxPipeline", "FluxImg2ImgPipeline", "FluxControlNetPipeline"),
            draws="FluxImg2ImgPipeline", controlled="FluxControlNetImg2ImgPipeline",
            control_net="FluxControlNetModel", control_keeps_plate=True,
            negative=False, steps=28, guidance=3.5, strength=0.6,
        ),
        PipelineFamily(
            name="kontext", title="Flux.1 Kontext", weights=12.0, texts=4.9, licence="FLUX.1 [dev] non-commercial",
            about="1024 px: the prompt says what to change in the frame",
            short_side=1024, many_shapes=True, kind="instruction", indexes=("FluxKontextPipeline",),
            draws="FluxKontextPipeline", negative=False, steps=28, guidance=2.5,
        ),
        PipelineFamily(
            name="flux2-klein", title="FLUX.2 klein", weights=4.0, texts=4.0, licence="Apache-2.0",
            about="1024 px: the prompt says what to change; 4 steps",
            short_side=1024, many_shapes=True, kind="instruction", indexes=("Flux2KleinPipeline",),
            draws="Flux2KleinPipeline", negative=False, references=True, steps=4, guidance=1.0,
        ),
        PipelineFamily(
            name="qwen-image", title="Qwen-Image", weights=20.5, texts=8.3, licence="Apache-2.0",
            about="1024 px: a transformer of 20 billion weights",
            short_side=1024, many_shapes=True, kind="image",
            indexes=("QwenImagePipeline", "QwenImageImg2ImgPipeline"), draws="QwenImageImg2ImgPipeline",
            controlled="QwenImageControlNetPipeline", control_net="QwenImageControlNetModel",
            negative=True, steps=50, guidance=4.0, strength=0.6,
        ),
        PipelineFamily(
            name="qwen-edit", title="Qwen-Image-Edit", weights=20.5, texts=8.3, licence="Apache-2.0",
            about="1024 px: the prompt says what to change in the frame",
            short_side=1024, many_shapes=True, kind="instruction", indexes=("QwenImageEditPipeline",),
            draws="QwenImageEditPipeline", negative=True, steps=50, guidance=4.0,
        ),
        PipelineFamily(
            name="qwen-edit-plus", title="Qwen-Image-Edit 2509 and later", weights=20.5, texts=8.3,
            licence="Apache-2.0",
            about="1024 px: the prompt says what to change in the frame",
            short_side=1024, many_shapes=True, kind="instruction", indexes=("QwenImageEditPlusPipeline",),
            draws="QwenImageEditPlusPipeline", negative=True, references=True, steps=40, guidance=4.0,
        ),
        PipelineFamily(
            name="z-image", title="Z-Image", weights=6.2, texts=4.0, licence="Apache-2.0",
            about="1024 px: a transformer of 6 billion weights; Turbo in 8 steps",
            short_side=1024, many_shapes=True, kind="image",
            indexes=("ZImagePipeline", "ZImageImg2ImgPipeline"), draws="ZImageImg2ImgPipeline",
            controlled="ZImageControlNetPipeline", control_net="ZImageControlNetModel", control_steps=False,
            negative=True, steps=9, guidance=1.0, strength=0.6,
        ),
        PipelineFamily(
            name="wan-vace", title="Wan VACE", weights=2.3, texts=5.7, licence="Apache-2.0",
            about="480 px: draws up to 81 frames of a shot together",
            short_side=480, many_shapes=False, kind="shot", indexes=("WanVACEPipeline",), draws="WanVACEPipeline",
            negative=True, references=True, vae_in_fp32=True, steps=50, guidance=5.0, window=81, overlap=16,
            condition=True,
        ),
        PipelineFamily(
            name="wan", title="Wan", weights=1.4, texts=5.7, licence="Apache-2.0",
            about="480 px: draws over up to 81 frames of a shot together; 1.3, 5 or 14 billion weights",
            short_side=480, many_shapes=False, kind="shot", indexes=("WanPipeline", "WanVideoToVideoPipeline"),
            draws="WanVideoToVideoPipeline", negative=True, vae_in_fp32=True, over_source=True, steps=50,
            guidance=5.0, strength=0.7, window=81, overlap=16,
        ),
        PipelineFamily(
            name="ltx", title="LTX-Video", weights=1.9, texts=4.8, licence="LTX-Video Open Weights License",
            about="512 px: draws over up to 97 frames of a shot together; 2 or 13 billion weights",
            short_side=512, many_shapes=False, kind="shot",
            indexes=("LTXPipeline", "LTXImageToVideoPipeline", "LTXConditionPipeline"),
            draws="LTXConditionPipeline", negative=True, over_source=True, steps=50, guidance=3.0, strength=0.7,
            window=97, overlap=16, frame_step=8, grid=32,
        ),
    )
}  # fmt: skip
"""By name. Numbers of steps and guidance are those of the published models' pages."""


WITH_PICTURES = ("qwen-edit", "qwen-edit-plus")
"""Families whose text encoder looks at the frame as well, so that a prompt is embedded with every frame."""


def grid_of(family: PipelineFamily, vae: Mapping[str, Any]) -> int:
    """What the sides of a picture must divide by, px: two latents of an autoencoder that says how much one spans.

    Wan's has two forms, of 8 px a latent and, for the 5 billion weights of version 2.2, of 16.

    Args:
        vae: the autoencoder's configuration.
    """
    return 2 * int(vae.get("scale_factor_spatial") or family.grid // 2)


def side_of(family: PipelineFamily, grid: int) -> int:
    """The short side of the pictures that a checkpoint was trained on, px; Wan's coarse latents come with 704."""
    return 704 if family.name == "wan" and grid > family.grid else family.short_side


def pipeline_family(pipeline: str) -> PipelineFamily | None:
    """The family of a folder by the class that its model_index.json names; None where it is none of these."""
    return next((family for family in PIPELINES.values() if pipeline in family.indexes), None)
