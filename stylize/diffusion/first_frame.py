"""Self-attention of a UNet that looks at the shot's first drawing as well: colours and marks keep to it."""

from __future__ import annotations

from typing import Any

import torch
from diffusers.models.attention_processor import AttnProcessor2_0
from torch import Tensor


class FirstFrameAttention:
    """Attention in which every frame of a batch sees itself and the batch's first frame.

    A batch holds each frame once, or twice where it is guided: all frames for one prompt, then all for the other.
    Source: Khachatryan et al., "Text2Video-Zero", ICCV 2023, with a frame's own keys kept.

    Attributes:
        frames: how many frames a batch holds, the first one among them; 1 switches the look at it off.
    """

    def __init__(self) -> None:
        self.frames = 1
        self._plain = AttnProcessor2_0()

    def __call__(
        self, attn: Any, hidden_states: Tensor, encoder_hidden_states: Tensor | None = None, **options: Any
    ) -> Tensor:
        if encoder_hidden_states is None and self.frames > 1:
            first = hidden_states[:: self.frames].repeat_interleave(self.frames, dim=0)
            encoder_hidden_states = torch.cat([hidden_states, first], dim=1)
        answer: Tensor = self._plain(attn, hidden_states, encoder_hidden_states, **options)
        return answer

    @classmethod
    def put_into(cls, unet: Any) -> FirstFrameAttention:
        """Puts it in place of a UNet's self-attention; attention to the prompt stays as it is."""
        seeing = cls()
        unet.set_attn_processor(
            {
                name: seeing if name.endswith("attn1.processor") else each
                for name, each in unet.attn_processors.items()
            }
        )
        return seeing
