"""Families of checkpoints, a file each: what all checkpoints of a family have in common and no file says."""

from stylize.diffusion.families.base import Family, KnownFamily
from stylize.diffusion.families.pipelines import PIPELINES, PipelineFamily
from stylize.diffusion.families.recognise import FAMILIES, family_of_file, family_of_folder

ALL_FAMILIES: dict[str, KnownFamily] = {**FAMILIES, **PIPELINES}
"""Every family that is drawn with here, by name."""

__all__ = [
    "ALL_FAMILIES",
    "FAMILIES",
    "PIPELINES",
    "Family",
    "KnownFamily",
    "PipelineFamily",
    "family_of_file",
    "family_of_folder",
]
