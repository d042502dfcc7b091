"""IP-Adapters: Stable Diffusion is shown pictures beside the frame, to keep a style or a character."""
