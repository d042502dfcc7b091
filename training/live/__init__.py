"""Trains live models: small feed-forward networks that draw in one call what the diffusion model draws slowly."""
