"""What exports cost and what they are worth."""
