"""Trains quantized networks to compute what they did in float."""
