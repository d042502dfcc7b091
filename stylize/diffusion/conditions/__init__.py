"""What a ControlNet is shown of the plate: its colours, its edges, its lines, its depth, its poses."""

from stylize.diffusion.conditions.base import CONDITIONS, Condition, make_condition

__all__ = ["CONDITIONS", "Condition", "make_condition"]
