"""Training by a recipe, for the commands that do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from stylize.cli.terminal import Terminal
from stylize.cli.train.parts import progress_bar, training_packages
from stylize.errors import Interrupted

if TYPE_CHECKING:
    from training.lora.progress import TrainingResult
    from training.lora.recipe import StyleRecipe


def learn(recipe: StyleRecipe, place: Path, terminal: Terminal) -> TrainingResult:
    """Trains in the folder `place`, or goes on with the training that was stopped there.

    Raises:
        Interrupted: Ctrl-C or SIGTERM.
    """
    with training_packages():
        from training.lora.progress import Listener, TrainingStep
        from training.lora.train import train_by_recipe
    with progress_bar(terminal, f"training {recipe.name}", recipe.steps) as show:

        def tell(step: TrainingStep) -> None:
            show(step.number)

        try:
            return train_by_recipe(recipe, place, Listener(tell, lambda text: terminal.note(f"note: {text}")))
        except KeyboardInterrupt as error:
            raise Interrupted(
                f"Stopped; the last state is kept in {place}.", hint="the same command goes on from it"
            ) from error
