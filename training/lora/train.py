"""Trains a LoRA or a ControlNet by a recipe: from a folder of drawings to a style pack or a ControlNet's folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from stylize.footage.clip import Pixels
from stylize.footage.outfile import make_folder
from training.dataset.captioner import load_captioner
from training.dataset.captions import caption_all, fill_caption
from training.dataset.check import check_drawings
from training.dataset.drawing_folder import Drawing, DrawingFolder, find_drawings, fingerprint_drawings
from training.lora.base_model import BaseModel, load_base_model
from training.lora.device import accelerator_for
from training.lora.drawing_set import DrawingSet
from training.lora.loop import TrainingLoop
from training.lora.progress import Listener, TrainingResult
from training.lora.recipe import StyleRecipe
from training.lora.sheets import ValidationSheet, contact_sheet, validation_frames
from training.lora.style_pack import write_pack
from training.lora.trainable import Trainable, TrainableControlNet, TrainableLora

SHOWN_STEP = 1_000_003
"""The contact sheet shows the crops of this step's seed: one that no training reaches."""


def train_by_recipe(recipe: StyleRecipe, out: Path, listener: Listener | None = None) -> TrainingResult:
    """Trains, or resumes from the state in `out`; on a CPU, the result is the same to the bit.

    Args:
        out: gets recipe.toml, contact.jpg, sheets/, log/ (TensorBoard), state.pt, and in the end a folder of the
            recipe's name.

    Raises:
        UsageError: drawings, settings or a state in `out` that cannot be used, or a style that does not exist.
        ModelError: the checkpoint or a ControlNet does not fit.
        MissingPart: the captioner or a condition's weights are not on this machine.
    """
    listener = listener or Listener()
    folder = find_drawings(recipe.drawings)
    with accelerator_for(recipe) as accelerator:
        base_model = load_base_model(recipe, accelerator.device)
        captioned = _check_and_caption(folder, recipe, base_model, listener)
        prompt = fill_caption(recipe.template, base_model.pack.style.prompt, recipe.word)
        drawings = DrawingSet.read(
            captioned,
            base_model.resolution(recipe),
            base_model.short_side(recipe),
            base_model.info.grid,
            recipe.sources == "auto",
        )
        make_folder(out)
        shown = _default_validation(drawings, recipe)
        frames = validation_frames(recipe.validation, shown, base_model.short_side(recipe))
        if accelerator.is_main_process:
            recipe.write(out / "recipe.toml")
            contact_sheet(drawings.crops((recipe.seed, SHOWN_STEP), 16, recipe.flips), out / "contact.jpg")
        trainable = _make_trainable(base_model, recipe)
        sheet = ValidationSheet(base_model, recipe, prompt, frames)
        with trainable.untrained():
            sheet.draw_before()
        used = {drawing.path for drawing in captioned}
        learns_from = fingerprint_drawings([each for each in folder.drawings if each.path in used])
        loop = TrainingLoop(recipe, base_model, trainable, out, accelerator, learns_from)
        loop.run(drawings, sheet, listener)
        made, size = out / recipe.name, 0
        if accelerator.is_main_process:
            if recipe.kind != "controlnet":
                write_pack(made, recipe, base_model, prompt, len(captioned), sheet.draw()[0])
            size = trainable.write(made)
        return TrainingResult(made, recipe.steps, len(captioned), size, accelerator.is_main_process)


def _check_and_caption(
    folder: DrawingFolder, recipe: StyleRecipe, base_model: BaseModel, listener: Listener
) -> list[Drawing]:
    resolution = base_model.resolution(recipe)
    # Without a resolution in the recipe, drawings of 64 px and more are scaled up to the checkpoint's.
    smallest_px = resolution if recipe.resolution is not None else min(resolution, 64)
    checked = check_drawings(folder, smallest_px)
    for note in checked.notes:
        listener.note(note)
    describe = load_captioner(recipe.captioner) if recipe.captions == "auto" else None
    return caption_all(checked.drawings, recipe.template, base_model.pack.style.prompt, recipe.word, describe)


def _make_trainable(base_model: BaseModel, recipe: StyleRecipe) -> Trainable:
    if recipe.kind == "controlnet":
        return TrainableControlNet(base_model, recipe)
    return TrainableLora(base_model, recipe)


def _default_validation(drawings: DrawingSet, recipe: StyleRecipe) -> Sequence[Pixels]:
    """Frames for the sheets where the recipe names none: given sources, or else guessed ones."""
    given = [drawing.source for drawing in drawings.drawings if drawing.source is not None]
    if given:
        return [source.astype(np.float32) / np.float32(255) for source in given[:: max(1, len(given) // 4)]]
    return [crop.source for crop in drawings.crops((recipe.seed, SHOWN_STEP), 4, False)]
