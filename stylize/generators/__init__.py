"""Whoever draws: how a backend is chosen, inspected, timed and loaded."""
