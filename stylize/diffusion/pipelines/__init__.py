"""Drawing with diffusers' own pipelines: Flux, Qwen-Image, Z-Image and others."""
