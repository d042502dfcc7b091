"""RAFT (Teed and Deng, ECCV 2020) through torchvision: the flow for graphics cards."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np

from deflicker.arrays import Field, Image
from deflicker.checkpoints import read_tensors

SMALLEST = 128
"""The correlation pyramid has four levels of features at an eighth of the size."""
AUTHORS = (
    (r"^module\.", ""),
    (r"^fnet\.conv1\.", "feature_encoder.convnormrelu.0."),
    (r"^cnet\.conv1\.", "context_encoder.convnormrelu.0."),
    (r"^fnet\.norm1\.", "feature_encoder.convnormrelu.1."),
    (r"^cnet\.norm1\.", "context_encoder.convnormrelu.1."),
    (r"^fnet\.conv2\.", "feature_encoder.conv."),
    (r"^cnet\.conv2\.", "context_encoder.conv."),
    (r"^fnet\.", "feature_encoder."),
    (r"^cnet\.", "context_encoder."),
    (r"(encoder\.layer\d\.\d)\.conv(\d)\.", r"\1.convnormrelu\2.0."),
    (r"(encoder\.layer\d\.\d)\.norm(\d)\.", r"\1.convnormrelu\2.1."),
    (r"^update_block\.encoder\.conv([cf]\d)\.", r"update_block.motion_encoder.conv\1.0."),
    (r"convc(\d)\.0", r"convcorr\1.0"),
    (r"convf(\d)\.0", r"convflow\1.0"),
    (r"^update_block\.encoder\.conv\.", "update_block.motion_encoder.conv.0."),
    (r"^update_block\.gru\.conv([zrq])\.", r"update_block.recurrent_block.convgru1.conv\1."),
    (r"^update_block\.gru\.conv([zrq])(\d)\.", r"update_block.recurrent_block.convgru\2.conv\1."),
    (r"^update_block\.mask\.0\.", "mask_predictor.convrelu.0."),
    (r"^update_block\.mask\.2\.", "mask_predictor.conv."),
)
"""From the names in the authors' checkpoints to torchvision's, rule by rule."""


class RAFT:
    """Optical flow by a trained network; a `deflicker.Flow`.

    Args:
        checkpoint: torchvision's or the authors' small or large model, as .safetensors, or as .pth/.pt of
            tensors alone (anything else in a pickle is refused).
        device: "cpu", "cuda", "mps"; None takes a graphics card where there is one.
        updates: refinements of the flow; the paper uses 12 for video.

    Raises:
        ValueError: no such file, or one that holds no RAFT, or no such device.
    """

    def __init__(self, checkpoint: str | Path, device: str | None = None, updates: int = 12) -> None:
        import torch
        from torchvision.models.optical_flow import raft_large, raft_small

        state = {
            _name(key): value for key, value in read_tensors(Path(checkpoint), "a RAFT checkpoint").items()
        }
        build = raft_large if any(key.startswith("mask_predictor.") for key in state) else raft_small
        network = build(weights=None)
        wanted = network.state_dict()
        unused = {key for key in state if key not in wanted and not key.endswith("num_batches_tracked")}
        wrong = [key for key in wanted if key not in state or state[key].shape != wanted[key].shape]
        wrong = [key for key in wrong if not key.endswith("num_batches_tracked")]
        if wrong or unused:
            raise ValueError(
                f"{checkpoint} is no RAFT checkpoint: {len(wrong)} of {len(wanted)} weights are missing or of "
                f"another size, such as {(wrong or sorted(unused))[0]}; give torchvision's raft_small or "
                "raft_large, or the authors' raft-small.pth."
            )
        network.load_state_dict({key: state[key] for key in wanted if key in state}, strict=False)
        if device is None:
            device = "cuda" if torch.cuda.is_available() else "cpu"
        try:
            self._network = network.to(device).eval()
        except (RuntimeError, AssertionError) as error:
            raise ValueError(f"RAFT cannot run on {device!r} here: {error}.") from error
        self._device = device
        self._updates = updates

    def __call__(self, here: Image, there: Image) -> Field:
        import torch

        if here.shape != there.shape:
            raise ValueError(f"flow needs two frames of one size, not {here.shape} and {there.shape}.")
        rows, columns = here.shape[:2]
        pair = [self._padded(frame) for frame in (here, there)]
        with torch.inference_mode():
            flow = self._network(*pair, num_flow_updates=self._updates)[-1][0]
        return np.ascontiguousarray(flow[:, :rows, :columns].permute(1, 2, 0).float().cpu().numpy())

    def _padded(self, frame: Image) -> Any:
        """(1, 3, h, w) in [-1, 1], its right and lower edges repeated up to a multiple of 8."""
        import torch

        missing = [max(SMALLEST, -(-side // 8) * 8) - side for side in frame.shape[:2]]
        padded = np.pad(frame, ((0, missing[0]), (0, missing[1]), (0, 0)), mode="edge")
        return torch.from_numpy(padded).permute(2, 0, 1)[None].to(self._device) * 2 - 1


def _name(key: str) -> str:
    for pattern, name in AUTHORS:
        key = re.sub(pattern, name, key)
    return key
