"""A prompt's text to what a network is given: weights, long prompts, learned words, layers left out."""
