"""What is known of a checkpoint or an export before its weights are loaded."""

from __future__ import annotations

from pathlib import Path

from stylize.diffusion.checkpoint_info import CheckpointInfo, inspect_weights
from stylize.edge.export_info import inspect_export
from stylize.edge.manifest import is_export


def inspect_checkpoint(name: str, offline: bool = False) -> CheckpointInfo:
    """Reads the configuration files of a checkpoint, or the manifest of an export.

    Raises:
        UsageError, ModelError: there is no such checkpoint.
    """
    folder = Path(name).expanduser()
    return inspect_export(folder) if is_export(folder) else inspect_weights(name, offline)
