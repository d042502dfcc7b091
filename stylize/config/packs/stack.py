"""Several styles as one."""

from __future__ import annotations

from collections.abc import Sequence

from stylize.config.packs.pack import StylePack
from stylize.config.style import Lora
from stylize.errors import UsageError


def stack_styles(packs: Sequence[tuple[StylePack, float]]) -> StylePack:
    """The first style with the LoRAs and trigger words of the others added, each by its weight.

    Raises:
        UsageError: they are for different checkpoints, or one is drawn by a network of its own.
    """
    first, _ = packs[0]
    own = next((pack for pack, _ in packs if pack.live_folder is not None), None)
    if own is not None and len(packs) > 1:
        raise UsageError(
            f"{own.name} is drawn by a network of its own, to which no other style can be added.",
            where="--style",
            hint=f"give it alone: --style {own.name}",
        )
    other = next((pack for pack, _ in packs if pack.style.checkpoint != first.style.checkpoint), None)
    if other is not None:
        raise UsageError(
            f"{first.name} and {other.name} do not go together: they draw with {first.style.checkpoint} and "
            f"{other.style.checkpoint}.",
            where="--style",
        )
    loras: dict[tuple[str, str | None], Lora] = {}
    for pack, weight in packs:
        for lora, file in zip(pack.style.loras, pack.lora_files, strict=True):
            place = (file, lora.expert)
            before = loras[place].weight if place in loras else 0.0
            loras[place] = lora.model_copy(update={"file": file, "weight": before + weight * lora.weight})
    words = [pack.style.trigger for pack, weight in packs[1:] if pack.style.trigger and weight > 0]
    style = first.style.model_copy(
        update={
            "title": " + ".join(pack.style.title for pack, _ in packs),
            "loras": tuple(loras.values()),
            "prompt": ", ".join([first.style.prompt, *words]),
        }
    )
    return StylePack(name="+".join(pack.name for pack, _ in packs), folder=first.folder, style=style)
