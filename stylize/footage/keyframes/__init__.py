"""Painted frames of a clip: read, checked against it, and suggested."""
