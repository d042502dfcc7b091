"""The steps of a live training, told as they are taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stylize.cli.terminal import Terminal
from stylize.cli.train.parts import progress_bar
from stylize.errors import Interrupted

if TYPE_CHECKING:
    from torch import nn

    from training.live.train import Lessons, LiveStep, LiveTraining


def run_training(training: LiveTraining, lessons: Lessons, terminal: Terminal) -> nn.Module:
    """Takes the steps that are left, with a bar and a log in the training's folder.

    Raises:
        Interrupted: Ctrl-C or SIGTERM.
    """
    place = training.out
    with progress_bar(terminal, "training", 1000) as show, (place / "log.csv").open("a") as log:

        def tell(step: LiveStep) -> None:
            log.write(f"{step.number},{step.loss:.5f},{step.psnr:.3f}\n")
            log.flush()
            show(round(1000 * min(step.done, 1)))

        try:
            return training.run(lessons, tell)
        except KeyboardInterrupt as error:
            raise Interrupted(
                f"Stopped; the last state is kept in {place}.", hint="the same command goes on from it"
            ) from error
