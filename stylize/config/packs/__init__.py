"""Style packs that travel: checked before they are let in, and installed whole or not at all.

ink.zip   style.toml          what a style says; its LoRAs and cover by their names
          LoRA.safetensors
          cover.jpg
          LICENSE, *.txt, *.md
"""

from stylize.config.packs.install import install_pack, remove_pack

__all__ = ["install_pack", "remove_pack"]
