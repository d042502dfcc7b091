"""One call from a folder of drawings to a style pack."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stylize.errors import MissingPart, UsageError
from stylize.system.dependencies import install_hint
from training.lora.progress import Listener, TrainingResult
from training.lora.recipe import StyleRecipe


def train_style(
    drawings: str | Path | None = None,
    *,
    name: str | None = None,
    recipe: StyleRecipe | str | Path | None = None,
    out: str | Path | None = None,
    listener: Listener | None = None,
    **settings: Any,
) -> TrainingResult:
    """Trains a style, a character or a ControlNet from drawings.

    Called again after a stop, with the same arguments, it resumes from the state in `out`. On a CPU it ends in the
    same weights to the bit.

    Args:
        drawings: a folder with at least three drawings (.png, .jpg, .webp, .bmp, .tif), fifteen to sixty are good;
            or a film to take stills of. Beside portrait.png may lie portrait.txt, its caption, and
            portrait.source.png, the photograph that it was drawn over. May be left out where `recipe` names it.
        name: of the style: small letters, digits, dots and dashes. May be left out where `recipe` names it.
        recipe: settings to begin with: a `StyleRecipe`, or the path of a recipe's TOML file.
        out: folder for the result, the state to resume from, the log and the sample sheets; by default
            NAME.training in the current folder.
        listener: called after every step, and with notes that the user should read.
        settings: further fields of `StyleRecipe`, such as steps=300, rank=16 or device="cuda". They take the place
            of the recipe's.

    Returns:
        The folder of the style pack (`out`/NAME), and how many steps and drawings it was trained with. The folder
        can be given to `stylize run --style` as it is.

    Raises:
        UsageError: settings or drawings that cannot be used, or a state in `out` of another recipe or of other
            drawings.
        FootageError: the film cannot be read.
        ModelError: the checkpoint or a ControlNet does not fit.
        MissingPart: a package that training needs, the captioner or weights are not on this machine.
    """
    plan = _resolve(recipe, {"drawings": drawings, "name": name, **settings})
    try:
        from training.dataset.stills import take_stills
        from training.lora.train import train_by_recipe
    except ModuleNotFoundError as error:
        raise MissingPart(
            f"Training needs a package that is not here: {error.name}.", hint=install_hint("train")
        ) from error
    folder = Path(out) if out is not None else Path(f"{plan.name}.training")
    if plan.drawings.is_file():
        plan = plan.model_copy(update={"drawings": take_stills(plan.drawings, folder / "stills")})
    return train_by_recipe(plan, folder, listener)


def _resolve(recipe: StyleRecipe | str | Path | None, settings: dict[str, Any]) -> StyleRecipe:
    """The recipe with the settings that are not None in place of its own."""
    given = {key: value for key, value in settings.items() if value is not None}
    if isinstance(recipe, StyleRecipe):
        return StyleRecipe.of(**{**recipe.model_dump(), **given})
    if recipe is not None:
        return StyleRecipe.read(Path(recipe), **given)
    for key in ("drawings", "name"):
        if key not in given:
            raise UsageError(f"{key} is missing.", hint="train_style('drawings/', name='ink')")
    return StyleRecipe.of(**given)
