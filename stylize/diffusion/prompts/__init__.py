"""A prompt's text to what a network is given: weights, long prompts, learned words, layers left out."""

from stylize.diffusion.prompts.encode import embed, read_prompt, tokenize

__all__ = ["embed", "read_prompt", "tokenize"]
