"""Checkpoints in one file, by the names of the first Stable Diffusion code; read without a network."""
