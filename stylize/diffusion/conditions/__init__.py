"""Conditioning pictures for ControlNets, computed from the plate: colours, edges, lines, depth, poses."""

from stylize.diffusion.conditions.base import CONDITIONS, SAME_NET, Condition, make_condition

__all__ = ["CONDITIONS", "SAME_NET", "Condition", "make_condition"]
