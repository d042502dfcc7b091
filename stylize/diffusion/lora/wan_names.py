"""The names of Wan's modules in its first code, which most of its LoRAs are written in.

Source: Wan-Video/Wan2.1, wan/modules/model.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

ENDS = (
    ("condition_embedder.time_embedder.linear_1", "time_embedding.0"),
    ("condition_embedder.time_embedder.linear_2", "time_embedding.2"),
    ("condition_embedder.time_proj", "time_projection.1"),
    ("condition_embedder.text_embedder.linear_1", "text_embedding.0"),
    ("condition_embedder.text_embedder.linear_2", "text_embedding.2"),
)
INNER = {
    "attn1": "self_attn", "attn2": "cross_attn", "to_q": "q", "to_k": "k", "to_v": "v", "to_out.0": "o",
    "add_k_proj": "k_img", "add_v_proj": "v_img", "norm_added_k": "norm_k_img", "ffn.net.0.proj": "ffn.0",
    "ffn.net.2": "ffn.2", "norm2": "norm3", "proj_in": "before_proj", "proj_out": "after_proj",
}  # fmt: skip
"""Within a block, whose norms before attention and feed-forward have no weights."""
WORDS = re.compile(rf"(?<![^.])({'|'.join(map(re.escape, INNER))})(?![^.])")


def first_names(modules: Iterable[str]) -> dict[str, str]:
    """The first code's name of every module that has another one in diffusers, and the latter."""
    found = {first: own for own, first in ENDS} | {"head.head": "proj_out"}
    for own in modules:
        if own.startswith(("blocks.", "vace_blocks.")):
            found[WORDS.sub(lambda match: INNER[match[0]], own)] = own
    return found
