"""Whoever draws frames: how a generator is chosen, inspected, timed and loaded."""
