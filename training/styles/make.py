"""One bundled style, from nothing: its drawings, its training, its pack."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

from training.styles.drawings import write_drawings

RECIPES = Path(__file__).parent


def make(
    name: str, out: Path, settings: dict[str, object], into: Path | None, tell: Callable[[str], None]
) -> str:
    """Draws and learns one style; a training that was stopped goes on.

    Args:
        settings: of the recipe, in place of the bundled one's; None leaves it.
        into: a folder of packs that the finished one is copied to.

    Returns:
        What was made, in a line.
    """
    from training.lora.recipe import Recipe
    from training.lora.train import Listener, Step, train_lora

    drawings = out / "drawings" / name
    write_drawings(name, drawings)
    recipe = Recipe.read(RECIPES / f"{name}.toml", drawings=drawings, **settings)
    began = time.perf_counter()

    def say(step: Step) -> None:
        if step.number % 50 == 0:
            tell(f"{name} {step.number}/{recipe.steps} loss {step.loss:.3f} {step.seconds:.2f} s")

    trained = train_lora(recipe, out / name, Listener(say, tell))
    if into is not None:
        shutil.rmtree(into / name, ignore_errors=True)
        shutil.copytree(trained.pack, into / name)
    return f"{name}: {trained.lora_bytes / 1e6:.2f} MB in {time.perf_counter() - began:.0f} s"
