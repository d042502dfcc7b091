"""The commands that the chaos plays with, what they read, and what is compared of what they leave."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np

from stylize.footage import write_film
from stylize.footage.clip import Clip, Frame
from tests.training.drawings import write_drawings

FRAMES = 12
SMALL = ("--steps", "1", "--size", "64", "--device", "cpu", "--repair", "off")
COMMANDS: dict[str, tuple[str, ...]] = {
    "steady": ("steady", "drawn.mp4", "--source", "plate.mp4", "-o", "out.mp4", "--repair", "report"),
    "key": ("key", "plate.mp4", "-o", "out.mov", "--matte-out", "matte.%04d.png"),
    "comp": ("comp", "plate.mp4", "scene.toml", "-o", "out.mp4"),
    "camera": ("camera", "camera.chan", "--picture", "96x64", "-o", "out.usda"),
    "shots": ("shots", "plate.mp4", "-o", "out.csv"),
    "run": ("run", "plate.mp4", "-o", "out.mp4", *SMALL),
    "farm": ("farm", "run", "jobs.toml", "--device", "cpu"),
    "train": (
        *("train", "style", "drawings", "-o", "trained", "--name", "ink", "--no-control"),
        *("--steps", "3", "--batch", "1", "--resolution", "64", "--short-side", "96", "--rank", "2"),
        *("--warmup", "1", "--keep-every", "1", "--device", "cpu"),
    ),
    "quantize": (
        *("edge", "quantize", "mini", "-o", "export", "--target", "w8"),
        *("--size", "64", "--steps", "1", "--control", "none", "--lora", "none"),
    ),
}
HEAVY = {"run": ("stylize.diffusion.generator",), "train": ("training.lora.train",)}
"""What each is imported for once, before the forks, since it takes seconds."""
KEPT = (
    "*.stylize/*/*/*.png", "jobs.stylize/*/*/*/*.png",
    "trained/state.pt", "export/.parts/*.json", "export/*/model.onnx",
)  # fmt: skip
"""What an unfinished run keeps to go on from."""
SCENE = """
[camera]
source = "locked"
[backdrop]
kind = "still"
file = "sky.png"
draw = false
"""
JOBS = """
[[job]]
clip = "plate.mp4"
out = "out.mp4"
steps = 1
size = 64
repair = "off"
"""
INPUTS = ("plate.mp4", "drawn.mp4", "scene.toml", "sky.png", "camera.chan", "jobs.toml", "drawings")


def write_inputs(folder: Path) -> None:
    """A green-screen plate, the same with flicker, a scene, a camera file, a list of jobs, and drawings."""
    import cv2

    rng = np.random.default_rng(3)
    figure = np.repeat(np.repeat(rng.random((8, 6, 3), np.float32), 4, 0), 4, 1) * (1, 0.3, 1)
    for name, flicker in (("plate", 0.0), ("drawn", 0.08)):
        frames = []
        for index in range(FRAMES):
            picture = np.full((64, 96, 3), (0.1, 0.7, 0.2), np.float32)
            picture[20:52, 10 + 4 * index : 34 + 4 * index] = figure
            frames.append(Frame(index, index, np.clip(picture * (1 + flicker * (-1) ** index), 0, 1)))
        path = folder / f"{name}.mp4"
        write_film(frames, path, Clip(path, 96, 64, Fraction(24), Fraction(1, 24), FRAMES), audio=False)
    cv2.imwrite(str(folder / "sky.png"), np.full((64, 96, 3), 200, np.uint8))
    (folder / "scene.toml").write_text(SCENE)
    (folder / "jobs.toml").write_text(JOBS)
    (folder / "camera.chan").write_text(
        "".join(f"{n} 0 0 {n / 100} 0 {n} 0 40\n" for n in range(1, FRAMES + 1))
    )
    write_drawings(folder / "drawings", 4)


def kept_files(folder: Path) -> list[Path]:
    """What an unfinished run has kept, in order."""
    return sorted(file for pattern in KEPT for file in folder.glob(pattern))


def outputs_of(folder: Path) -> dict[str, bytes]:
    """All that a command left besides its inputs, by name: films, and what should not be there.

    Reports and logs tell of the time that the work took: that they are there is all that is compared of them.
    """
    found = {}
    for file in sorted(folder.rglob("*")):
        name = file.relative_to(folder)
        if not file.is_dir() and name.parts[0] not in INPUTS:
            found.update([_compared(name.as_posix(), file)])
    return found


def _compared(name: str, file: Path) -> tuple[str, bytes]:
    if "/log/events.out.tfevents." in name:  # one for every process that trained
        return "a log", b""
    if (
        name == "trained/state.pt"
    ):  # the weights in it are those of the style; how torch packs them may differ
        return name, b""
    if name.endswith(("/film.json", "/consent.json")):  # they tell when a film was written
        return name, b""
    content = file.read_bytes()
    if name.endswith(".report.html"):
        return name, content[:15] + content[-8:]
    return name, content
