"""The drawing of frames: conditions read off the plate, img2img held by ControlNets."""
