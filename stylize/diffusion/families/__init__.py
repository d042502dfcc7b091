"""Families of checkpoints, a file each: what all checkpoints of a family have in common and no file says."""

from stylize.diffusion.families.base import Family
from stylize.diffusion.families.recognise import FAMILIES, family_of_file, family_of_folder

__all__ = ["FAMILIES", "Family", "family_of_file", "family_of_folder"]
