"""What a ControlNet is shown of the plate: its colours, its edges, its lines, its depth, its poses."""

from stylize.diffusion.conditions.base import CONDITIONS, SAME_NET, Condition, make_condition

__all__ = ["CONDITIONS", "SAME_NET", "Condition", "make_condition"]
