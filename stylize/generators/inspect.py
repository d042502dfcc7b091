"""What is known of a checkpoint or an export before its weights are loaded."""

from __future__ import annotations

from pathlib import Path

from stylize.diffusion.checkpoint_info import CheckpointInfo, inspect_weights
from stylize.edge.export_info import inspect_export
from stylize.edge.live.manifest import is_live_model
from stylize.edge.manifest import is_export
from stylize.generators.live.resolve import inspect_live_model


def inspect_checkpoint(name: str, offline: bool = False) -> CheckpointInfo:
    """Reads the configuration files of a checkpoint, or the manifest of an export or a live model.

    Raises:
        UsageError, ModelError: there is no such checkpoint.
    """
    folder = Path(name).expanduser()
    if is_live_model(folder):
        return inspect_live_model(folder)
    return inspect_export(folder) if is_export(folder) else inspect_weights(name, offline)
