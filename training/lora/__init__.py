"""A style or a character learnt as a LoRA, from a folder of drawings to a style pack."""
