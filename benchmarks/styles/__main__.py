"""Whether the bundled styles do what they say, on footage that no style was learnt from.

    scripts/bench styles [NAME...] [--data FOLDER] [--sheet OUT.jpg]
    scripts/bench styles [NAME...] --board OUT.jpg    # nothing but a picture: real frames, and each in every style

The footage: frames of the clips in DATA/clips where they are, and of this project's own sample.mp4. The drawings:
scenes that the style's draughtsman drew with another seed, and the footage's own frames drawn by him; the training
saw none of them. A style is compared with itself at weight 0, that is: prompt and finish are the same. What is
printed over a drawing in the end (glow, dots, paper, grain) is on neither.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.look import measures
from benchmarks.look.clips import CLIPS, frames_of
from benchmarks.look.clips import write_sheet as write_board
from benchmarks.look.hands import ours
from benchmarks.measure.hardware import hardware_line
from benchmarks.styles.distance import Distance, Statistics
from stylize.config.packs.find import find_style
from stylize.footage.clip import Pixels
from training.lora.sheets import write_sheet
from training.styles import DRAWING_PROGRAMS
from training.styles.drawings import layers_of, scenes
from training.styles.scene_layers import SceneLayers

HELD_OUT = 1_000_003
"""A seed that no training draws with."""
SCENES = 12
WEIGHTS = (0.0, 0.5, 1.0)
EVERY = {name: numbers[:2] for name, numbers in CLIPS.items()}
OWN = {"sample": (20, 60)}
SHOWN = {"juggle_720p24": 10, "cups_720p30_audio": 150, "cuts_720p30": 250, "runner_512p20": 60}
"""On the board."""


def footage_frames(data: Path, short: int) -> list[tuple[int, Pixels]]:
    """Frames by their numbers, at the size that they are drawn at."""
    frames = []
    for folder, wanted in ((data / "clips", EVERY), (Path("examples"), OWN)):
        if folder.is_dir():
            frames += [
                each for name, numbers in wanted.items() for each in frames_of(folder, name, numbers, short)
            ]
    return frames


def held_out_drawings(style: str, layers: Sequence[SceneLayers]) -> list[Pixels]:
    """Drawings of new scenes and of the footage itself, by the style's own draughtsman."""
    return [
        DRAWING_PROGRAMS[style](each, np.random.default_rng((HELD_OUT, n))) for n, each in enumerate(layers)
    ]


def draw_all(
    style: str, weight: float, frames: Sequence[tuple[int, Pixels]], model: str | None
) -> list[Pixels]:
    hand = ours(style=f"{style}:{weight}", model=model)
    return [hand(frame, number) for number, frame in frames]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--packs", type=Path, help="a folder of packs, in place of the bundled ones")
    parser.add_argument("--short", type=int, default=384, help="short side, px")
    parser.add_argument("--model")
    parser.add_argument("--sheet", type=Path, help="a picture: frames, weight 0, 0.5, 1, the draughtsman")
    parser.add_argument("--board", type=Path, help="only a picture: frames, and each in every style")
    options = parser.parse_args()
    if options.board:
        names = options.names or sorted(DRAWING_PROGRAMS)
        hands = {name: ours(style=name, model=options.model) for name in names}
        write_board(options.data / "clips", hands, options.short, options.board, SHOWN)
        return
    frames = footage_frames(options.data, options.short)
    layers = [*scenes(SCENES, HELD_OUT), *(layers_of(frame) for _, frame in frames)]
    print(hardware_line(), f"\n{len(frames)} frames at {options.short} px\n")
    print("Distance to the held-out drawings as a share of weight 0's; edges of the footage kept (F1):\n")
    columns = [
        "style",
        "palette",
        "line",
        "texture",
        "mean",
        "mean_at_.5",
        "F1",
        "F1_at_0",
        "weight_0_is_none",
        "MB",
    ]
    print("| " + " | ".join(columns).replace("_", " ") + " |\n|" + "-|" * len(columns), flush=True)
    for name in options.names or sorted(DRAWING_PROGRAMS):
        place = str(options.packs / name) if options.packs else name
        wanted = held_out_drawings(name, layers)
        drawn = {weight: draw_all(place, weight, frames, options.model) for weight in WEIGHTS}
        aim = Statistics.of(wanted)
        gaps: dict[float, Distance] = {weight: Statistics.of(each).to(aim) for weight, each in drawn.items()}
        share = gaps[1.0].share_of(gaps[0.0])
        plain = ours(style=place, model=options.model, loras=())
        same = all(
            np.array_equal(plain(frame, number), picture)
            for (number, frame), picture in zip(frames[:2], drawn[0.0][:2], strict=True)
        )
        print(
            f"| {name} | {share.palette:.2f} | {share.line:.2f} | {share.texture:.2f} | {share.mean:.2f} | "
            f"{gaps[0.5].share_of(gaps[0.0]).mean:.2f} | {_kept(frames, drawn[1.0]):.2f} | "
            f"{_kept(frames, drawn[0.0]):.2f} | {'yes' if same else 'NO'} | {_weigh(place):.2f} |",
            flush=True,
        )
        if options.sheet:
            rows = [[frame for _, frame in frames], *drawn.values(), wanted[SCENES:]]
            write_sheet(
                [row[::3][:4] for row in rows], options.sheet.with_stem(f"{options.sheet.stem}-{name}")
            )


def _kept(frames: Sequence[tuple[int, Pixels]], drawn: Sequence[Pixels]) -> float:
    pairs = zip(frames, drawn, strict=True)
    scores = [
        measures.edge_f1(measures.edges(picture, 1.5), measures.edges(frame, 1.5))
        for (_, frame), picture in pairs
    ]
    return float(np.mean(scores))


def _weigh(style: str) -> float:
    return sum(Path(file).stat().st_size for file in find_style(style).lora_files) / 1e6


if __name__ == "__main__":
    main()
