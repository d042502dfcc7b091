"""Checkpoints side by side: how near to the drawn truth, how clean their tones, and what strength changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.look import measures
from benchmarks.look.clips import CLIPS, frames_of
from benchmarks.look.hands import ours
from benchmarks.look.held_out import HELD_OUT
from benchmarks.measure.faces import Face, Faces, moved
from deflicker.metrics import psnr
from stylize.footage.clip import Pixels
from training.base.scenes import Attributes, Pair, render_pair

STEPS = 4
STRENGTHS = (0.3, 0.6, 1.0)
SMALL_FACE_PX = 100
"""Width of a face below which it counts as small."""


@dataclass(frozen=True)
class Judged:
    """Means over held-out pairs.

    Attributes:
        quality: PSNR to the truth, dB.
        edges: F1 of the truth's edges.
        tones: share of skin, cloth and other rounded surfaces within two clean tones.
        lines: share of the picture under lines.
    """

    quality: float
    edges: float
    tones: float
    lines: float

    @classmethod
    def of(cls, pictures: Sequence[Pixels], pairs: Sequence[Pair]) -> Judged:
        return cls(
            float(np.mean([psnr(p, pair.drawn) for p, pair in zip(pictures, pairs, strict=True)])),
            float(np.mean([_edge_f1(p, pair.drawn) for p, pair in zip(pictures, pairs, strict=True)])),
            mean_tones(pictures, pairs),
            _mean_lines(pictures),
        )


def judge(checkpoints: Sequence[str], scenes: int, size: int) -> list[str]:
    """Two tables: checkpoints on rendered scenes that no training saw, and how far each strength departs from the
    plate."""
    plain = Attributes()
    pairs = [render_pair(np.random.default_rng((HELD_OUT, n)), size, plain) for n in range(scenes)]
    photos, truths = [pair.photo for pair in pairs], [pair.drawn for pair in pairs]
    photo = Judged.of(photos, pairs)
    rows = [
        f"{scenes} scenes of {size} px, {STEPS} steps, without the style's finish:",
        "",
        "| | PSNR dB | above the photograph | edge F1 | within two tones | line coverage |",
        "|-|-|-|-|-|-|",
        f"| the drawn truth | | | | {mean_tones(truths, pairs):.3f} | {_mean_lines(truths):.3f} |",
        _row("the photograph", photo, photo),
    ]
    departures = ["", "| PSNR to the plate, dB, at a strength of | .3 | .6 | 1 |", "|-|-|-|-|"]
    for checkpoint in checkpoints:
        near = []
        for strength in STRENGTHS:
            draw = ours(
                finished=False, model=checkpoint, steps=STEPS, prompt=plain.caption(), strength=strength
            )
            drawn = [draw(picture, number) for number, picture in enumerate(photos)]
            near.append(float(np.mean([psnr(d, p) for d, p in zip(drawn, photos, strict=True)])))
        rows.append(_row(checkpoint, Judged.of(drawn, pairs), photo))
        departures.append(f"| {checkpoint} | " + " | ".join(f"{each:.2f}" for each in near) + " |")
    return [*rows, *departures]


def judge_faces(checkpoints: Sequence[str], folder: Path, weights: Path, short: int) -> list[str]:
    """A table: of the faces that YuNet finds in frames of clips, how many it finds in the drawings too, and how far
    their landmarks have moved, for large and for small ones."""
    frames = [each for name, numbers in CLIPS.items() for each in frames_of(folder, name, numbers, short)]
    finder = Faces(weights)
    found = [finder.best(frame) for _, frame in frames]
    rows = [
        f"| faces in {len(frames)} frames at {short} px | found | landmarks moved, large | small |",
        "|-|-|-|-|",
    ]
    for checkpoint in checkpoints:
        draw = ours(finished=False, model=checkpoint)
        kept = [
            None if face is None else finder.best(draw(frame, number))
            for face, (number, frame) in zip(found, frames, strict=True)
        ]
        both = list(zip(found, kept, strict=True))
        count = sum(face is not None for face in found)
        again = sum(face is not None for face in kept)
        large = [pair for pair in both if pair[0] is not None and pair[0][2] >= SMALL_FACE_PX]
        small = [pair for pair in both if pair[0] is not None and pair[0][2] < SMALL_FACE_PX]
        rows.append(f"| {checkpoint} | {again} of {count} | {_moved(large):.3f} | {_moved(small):.3f} |")
    return rows


def mean_tones(pictures: Sequence[Pixels], pairs: Sequence[Pair]) -> float:
    """The mean share of rounded surfaces within two clean tones."""
    shares = [measures.two_tone_share(p, pair.rounded) for p, pair in zip(pictures, pairs, strict=True)]
    return float(np.nanmean(shares))


def _row(name: str, it: Judged, photo: Judged) -> str:
    above = it.quality - photo.quality
    return f"| {name} | {it.quality:.2f} | {above:.2f} | {it.edges:.3f} | {it.tones:.3f} | {it.lines:.3f} |"


def _edge_f1(guess: Pixels, truth: Pixels) -> float:
    return measures.edge_f1(measures.edges(guess, 0.8), measures.edges(truth, 0.8), 1.5)


def _mean_lines(pictures: Sequence[Pixels]) -> float:
    return float(np.mean([measures.line_coverage(picture) for picture in pictures]))


def _moved(pairs: Sequence[tuple[Face | None, Face | None]]) -> float:
    return moved([one for one, _ in pairs], [other for _, other in pairs])
