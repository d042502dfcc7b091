"""Checkpoints in one .safetensors file, under the names of the first Stable Diffusion code; read without a network."""
