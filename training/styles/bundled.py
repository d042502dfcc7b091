"""Makes a bundled style from nothing: its drawings, its training, its pack."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

from training.styles.drawings import write_drawings

RECIPES = Path(__file__).parent
REPORT_EVERY = 50
"""Steps between two lines about the progress."""


def make_bundled_style(
    name: str, out: Path, settings: dict[str, object], into: Path | None, say: Callable[[str], None]
) -> str:
    """Draws the pictures of one style and trains it; a training that was stopped resumes.

    Args:
        settings: in place of those of the bundled recipe; None keeps its own.
        into: a folder of packs that the finished one is copied to.
        say: called with a line about the progress, from time to time.

    Returns:
        What was made, in a line.
    """
    from training.lora.progress import Listener, TrainingStep
    from training.lora.recipe import StyleRecipe
    from training.lora.train import train_by_recipe

    drawings = out / "drawings" / name
    write_drawings(name, drawings)
    recipe = StyleRecipe.read(RECIPES / f"{name}.toml", drawings=drawings, **settings)
    began = time.perf_counter()

    def report(step: TrainingStep) -> None:
        if step.number % REPORT_EVERY == 0:
            say(f"{name} {step.number}/{recipe.steps} loss {step.loss:.3f} {step.seconds:.2f} s")

    trained = train_by_recipe(recipe, out / name, Listener(report, say))
    if into is not None:
        shutil.rmtree(into / name, ignore_errors=True)
        shutil.copytree(trained.folder, into / name)
    return f"{name}: {trained.weights_bytes / 1e6:.2f} MB in {time.perf_counter() - began:.0f} s"
