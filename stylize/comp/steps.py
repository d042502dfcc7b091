"""What a scene makes of a run: more passes, and the drawn subject as a film of its own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from stylize.comp.mattes.output import Output, read_output
from stylize.config.settings import RunSettings
from stylize.errors import UsageError
from stylize.passes import BackdropPass, CompPass, MattePass, Pass, StylePass, SubjectPass

if TYPE_CHECKING:
    from stylize.comp.plan import CompPlan
    from stylize.config.resolved import ResolvedConfig
    from stylize.diffusion.checkpoint_info import CheckpointInfo
    from stylize.footage.cadence import ExposureSheet
    from stylize.footage.clip import Clip


def comp_steps(
    steps: Sequence[Pass],
    comp: CompPlan,
    clip: Clip,
    config: ResolvedConfig,
    facts: CheckpointInfo,
    size: tuple[int, int],
    sheet: ExposureSheet,
) -> tuple[Pass, ...]:
    """The subject is keyed before it is drawn; the backdrop is drawn for itself; both meet at the end."""
    full = (clip.width, clip.height)
    return (
        MattePass(comp, clip),
        SubjectPass(comp, clip),
        StylePass(config, facts.revision, size, needs=("subject",)),
        *steps[1:],
        BackdropPass(comp, config, facts.revision, size, full),
        CompPass(comp, sheet, any(step.name == "glide" for step in steps), before=steps[-1].name),
    )


def foreground_output(settings: RunSettings, film: Path) -> Output:
    """Where the drawn subject goes by itself, as `--foreground` and `--alpha` ask.

    Raises:
        UsageError: it cannot be meant.
    """
    assert settings.foreground is not None
    if settings.comp is None:
        raise UsageError(
            "Without a scene there is no matte to cut the foreground out with.",
            where="--foreground",
            hint="add --comp SCENE.toml; a scene needs no backdrop",
        )
    if settings.foreground.absolute() == film.absolute():
        raise UsageError("The film and its foreground cannot be one file.", where=film)
    return read_output(settings.foreground, alpha=settings.alpha)
