"""A shot with a screen, a camera and a backdrop: what a scene file says, and how the pipeline does it."""
