"""Trains a LoRA for a style or a character, or a ControlNet, from a folder of drawings."""
