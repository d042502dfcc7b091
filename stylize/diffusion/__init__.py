"""Drawing frames in torch: Stable Diffusion checkpoints, image to image, with ControlNets and LoRAs."""
