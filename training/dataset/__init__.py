"""A folder of drawings, made ready to learn from: found, checked, captioned, and each given a photograph."""
