"""The screen behind a subject: its colour, its clean plate, and whether the camera before it stands still."""
