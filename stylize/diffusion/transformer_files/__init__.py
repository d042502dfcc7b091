"""Transformers in one file, as model sites offer them: .safetensors and GGUF, beside the rest in a folder."""
