"""The main job beside the loop that most people write with diffusers: seconds a frame and how far the pictures lie
apart."""
