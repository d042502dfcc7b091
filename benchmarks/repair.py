"""python -m benchmarks.repair: which planted bad frames are found, what else is taken for one, and how they mend.

Every film of the steady benchmark's takes gets one bad frame of each kind. A frame counts as found if its
verdict is unstable; recall and precision are over all films. Repaired frames are compared with the clean truth, as
are the good frames beside them: "beside" is how much better (dB) the repaired frame is than the mean of those.
"""

from __future__ import annotations

import argparse
import time
import zlib
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, fields, replace

import cv2
import numpy as np

from benchmarks.steady.film import Film, render
from benchmarks.steady.flicker import Flicker
from benchmarks.steady.takes import TAKES
from deflicker import metrics
from deflicker.arrays import Image
from deflicker.judge import FrameJudge, Verdict
from deflicker.repair import REACH, repair

Plant = Callable[[Film, int, np.random.Generator], Image]


def brighter(film: Film, t: int, rng: np.random.Generator) -> Image:
    """More than a stop lighter or darker than it should be, whatever its flicker."""
    level = film.clean[t].mean() / film.drawn[t].mean()
    return np.clip(film.drawn[t] * np.float32(level * rng.choice([0.45, 2.2])), 0, 1)


def tinted(film: Film, t: int, rng: np.random.Generator) -> Image:
    """The palette is another one."""
    return np.clip(film.drawn[t] * rng.permutation(np.float32([1.35, 1.0, 0.7])), 0, 1)


def black(film: Film, t: int, rng: np.random.Generator) -> Image:
    """Nothing came out."""
    return np.zeros_like(film.drawn[t])


def soft(film: Film, t: int, rng: np.random.Generator) -> Image:
    """The drawing is out of focus."""
    return cv2.GaussianBlur(film.drawn[t], (0, 0), film.drawn[t].shape[0] / 288 * 3.5)


def rough(film: Film, t: int, rng: np.random.Generator) -> Image:
    """The noise was not taken away."""
    height, width = film.drawn[t].shape[:2]
    noise = cv2.GaussianBlur(rng.standard_normal((height, width, 3)).astype(np.float32), (0, 0), height / 288)
    return np.clip(film.drawn[t] + np.float32(0.16) * noise / noise.std(), 0, 1)


def popped(film: Film, t: int, rng: np.random.Generator) -> Image:
    """A part a quarter of the frame high shows something else."""
    own = film.drawn[t]
    height, width = own.shape[:2]
    other = own[::-1, ::-1]
    mask = np.zeros((height, width), np.float32)
    centre = (int(rng.uniform(0.25, 0.75) * width), int(rng.uniform(0.25, 0.75) * height))
    cv2.ellipse(mask, centre, (height // 6, height // 5), float(rng.uniform(0, 180)), 0, 360, 1.0, -1)
    mask = cv2.GaussianBlur(mask, (0, 0), height / 288 * 2)[..., None]
    return own + mask * (other - own)


def melted(film: Film, t: int, rng: np.random.Generator) -> Image:
    """Shapes run into one another."""
    height, width = film.drawn[t].shape[:2]
    push = [
        cv2.GaussianBlur(rng.standard_normal((height, width)).astype(np.float32), (0, 0), height / 9)
        for _ in range(2)
    ]
    y, x = np.indices((height, width), np.float32)
    x, y = (place + height / 24 * field / field.std() for place, field in zip((x, y), push, strict=True))
    return cv2.remap(film.drawn[t], x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def shifted(film: Film, t: int, rng: np.random.Generator) -> Image:
    """The whole drawing is out of place."""
    height, width = film.drawn[t].shape[:2]
    angle = rng.uniform(0, 2 * np.pi)
    matrix = np.float32([[1, 0, height / 24 * np.cos(angle)], [0, 1, height / 24 * np.sin(angle)]])
    return cv2.warpAffine(film.drawn[t], matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)


def elsewhere(film: Film, t: int, rng: np.random.Generator) -> Image:
    """It is a drawing of another moment."""
    return film.drawn[(t + len(film.drawn) // 2) % len(film.drawn)]


KINDS: dict[str, Plant] = {
    each.__name__: each for each in (brighter, tinted, black, soft, rough, popped, melted, shifted, elsewhere)
}


def weaker(flicker: Flicker, share: float) -> Flicker:
    """The same flicker, each kind of it at this share of its strength."""
    return replace(flicker, **{each.name: share * getattr(flicker, each.name) for each in fields(flicker)})


@dataclass(frozen=True)
class Planted:
    """A film with bad frames in it; `kinds` names the kind of each, by its number."""

    film: Film
    drawn: list[Image]
    kinds: dict[int, str]


def plant(film: Film, seed: int) -> Planted:
    """One bad frame of each kind, anywhere in the film: at its ends and beside each other as well."""
    rng = np.random.default_rng((seed, zlib.crc32(film.drawn[0].tobytes())))
    places = rng.choice(len(film.drawn), len(KINDS), replace=False)
    kinds = {int(t): name for t, name in zip(places, KINDS, strict=True)}
    drawn = list(film.drawn)
    for t, name in kinds.items():
        drawn[t] = np.ascontiguousarray(KINDS[name](film, t, rng), np.float32)
    return Planted(film, drawn, kinds)


@dataclass(frozen=True)
class Outcome:
    """The verdicts on a film, and the repaired frames with how they came about."""

    verdicts: list[Verdict]
    repaired: dict[int, tuple[Image, str]]
    seconds: float
    """A frame, of detection."""


def mend(planted: Planted) -> Outcome:
    """Judges and repairs every shot of the film; nobody draws again, so all is rebuilt."""
    film, drawn = planted.film, planted.drawn
    verdicts: dict[int, Verdict] = {}
    repaired: dict[int, tuple[Image, str]] = {}
    seconds = 0.0
    for start, end in film.shots:
        began = time.perf_counter()
        judge = FrameJudge()
        for t in range(start, end):
            judge.add(t, drawn[t], film.source[t])
        judged = {t: judge.verdict(t) for t in range(start, end)}
        seconds += time.perf_counter() - began
        for t in [t for t in judged if not judged[t].is_stable]:
            near = {u: judged[u] for u in range(t - REACH, t + REACH + 1) if u in judged}
            done = repair(judge, near, t, drawn.__getitem__, film.source.__getitem__)
            repaired[t] = done.picture, done.how
        verdicts |= judged
    return Outcome([verdicts[t] for t in sorted(verdicts)], repaired, seconds / len(drawn))


def beside(planted: Planted, t: int, picture: Image) -> float:
    """How much nearer the truth (dB) the picture is than the good frames at most two away, in the mean."""
    film = planted.film
    start, end = next(shot for shot in film.shots if shot[0] <= t < shot[1])
    good = [u for u in range(max(start, t - 2), min(end, t + 3)) if u != t and u not in planted.kinds]
    scores = [metrics.psnr(planted.drawn[u], film.clean[u]) for u in good]
    return metrics.psnr(picture, film.clean[t]) - float(np.mean(scores)) if scores else float("nan")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.repair", description=__doc__)
    parser.add_argument("--takes", nargs="+", default=list(TAKES), choices=list(TAKES))
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--frames", type=int, default=48)
    parser.add_argument("--height", type=int, default=192)
    parser.add_argument("--flicker", type=float, default=1.0, help="of the good frames, as a share of usual")
    parser.add_argument("-v", "--verbose", action="store_true", help="name every miss and false alarm")
    args = parser.parse_args()
    found: dict[str, list[bool]] = defaultdict(list)
    gains: dict[str, list[float]] = defaultdict(list)
    false: list[str] = []
    hits, seconds, frames = 0, [], 0
    for take in args.takes:
        for seed in args.seeds:
            film = render(seed, args.frames, args.height, weaker(Flicker(), args.flicker), TAKES[take])
            planted = plant(film, seed)
            outcome = mend(planted)
            seconds.append(outcome.seconds)
            frames += len(film.drawn)
            for verdict in outcome.verdicts:
                kind = planted.kinds.get(verdict.index)
                note = f"{take} {seed}: {verdict}"
                if kind is not None:
                    found[kind].append(not verdict.is_stable)
                    if verdict.is_stable and args.verbose:
                        print(f"missed {kind}: {note}")
                if kind is None and not verdict.is_stable:
                    false.append(take)
                    if args.verbose:
                        print(f"false alarm: {note}")
                if kind is not None and not verdict.is_stable:
                    hits += 1
                    gains[kind].append(beside(planted, verdict.index, outcome.repaired[verdict.index][0]))
    total = [each for kind in found.values() for each in kind]
    print(f"{len(args.takes)} takes, seeds {args.seeds}, {frames} frames, {args.height} px high, ", end="")
    print(f"{1000 * np.mean(seconds):.0f} ms a frame\n")
    print("| kind | found | repaired, dB beside its neighbours: mean | worst |\n|-|-|-|-|")
    for kind, marks in found.items():
        dB = [gain for gain in gains[kind] if np.isfinite(gain)]
        print(
            f"| {kind} | {sum(marks)} of {len(marks)} | {np.mean(dB):+.2f} | {min(dB):+.2f} |" if dB else kind
        )
    print(f"\nrecall {np.mean(total):.3f}, precision {hits / max(hits + len(false), 1):.3f}; false: {false}")


if __name__ == "__main__":
    main()
