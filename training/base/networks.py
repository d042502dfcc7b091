"""The networks of the bundled checkpoint, untrained."""

from __future__ import annotations

from dataclasses import dataclass

from diffusers import ControlNetModel, UNet2DConditionModel
from torch import nn
from transformers import CLIPTextConfig, CLIPTextModel

from training.base.identity_init import init_identity_path

SHORT_SIDE_PX = 384
"""Size of frames unless the user names one: pipelines read it from the UNet's sample size."""


@dataclass(frozen=True)
class Architecture:
    """The sizes of the networks. `latent_channels` is 3 times the square of `patch`."""

    patch: int = 2
    channels: tuple[int, ...] = (24, 48, 80, 128)
    layers: int = 1
    text_width: int = 64
    text_layers: int = 2
    tokens: int = 32
    condition_channels: tuple[int, ...] = (12, 32)

    @property
    def latent_channels(self) -> int:
        return 3 * self.patch**2


def build_unet(shape: Architecture) -> UNet2DConditionModel:
    """A small UNet with attention, to itself and to the prompt, at its lowest level only, in middle and up blocks.

    A palette concerns all levels, so the prompt is also added to the time embedding, as in DeepFloyd IF: through
    attention at the lowest level alone it had changed nothing after 3,000 steps.

    Group normalisation removes the mean of each group, and with it the picture's colour, unless a group is wide
    enough to hold the colour as differences between its own channels: therefore two groups, not thirty-two.
    """
    depth = len(shape.channels)
    return UNet2DConditionModel(
        sample_size=SHORT_SIDE_PX // shape.patch,
        in_channels=shape.latent_channels,
        out_channels=shape.latent_channels,
        block_out_channels=shape.channels,
        down_block_types=("DownBlock2D",) * depth,
        up_block_types=("CrossAttnUpBlock2D",) + ("UpBlock2D",) * (depth - 1),
        layers_per_block=shape.layers,
        cross_attention_dim=shape.text_width,
        attention_head_dim=shape.channels[-1] // 32,
        norm_num_groups=2,
        addition_embed_type="text",
    )


def build_controlnet(unet: UNet2DConditionModel, shape: Architecture) -> ControlNetModel:
    """A ControlNet on the UNet's own encoder.

    Beside a finished UNet the output convolutions of a ControlNet start at zero. Here both are trained together, so
    they start like any other.
    """
    net = ControlNetModel.from_unet(unet, conditioning_embedding_out_channels=shape.condition_channels)
    for output in [*net.controlnet_down_blocks, net.controlnet_mid_block]:
        output.reset_parameters()
    init_identity_path(unet, net)
    for part in (unet, net):
        nn.init.constant_(part.add_embedding.norm2.weight, 0.3)  # small beside the time embedding
    return net


def build_text_encoder(shape: Architecture, vocabulary: int) -> CLIPTextModel:
    """A two-layer CLIP text encoder for `vocabulary` tokens: enough to tell a few dozen words apart."""
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=vocabulary,
            hidden_size=shape.text_width,
            intermediate_size=2 * shape.text_width,
            num_hidden_layers=shape.text_layers,
            num_attention_heads=2,
            max_position_embeddings=shape.tokens,
            projection_dim=shape.text_width,
            bos_token_id=vocabulary - 2,
            eos_token_id=vocabulary - 1,
        )
    )
