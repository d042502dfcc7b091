"""Style packs: folders with a style.toml and the files that it names.

ink.zip   style.toml          the style; its LoRAs and cover by their names
          LoRA.safetensors
          cover.jpg
          LICENSE, *.txt, *.md

`pack` reads one, `find` looks it up by name, `stack` combines several, `check` and `install` take in packs from
elsewhere: a pack is checked first, and installed whole or not at all.
"""
