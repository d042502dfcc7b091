"""How the bundled checkpoint draws, measured.

    scripts/bench look [held-out] [clips] [steer] [speed] [sheet] [faces]
        [--data FOLDER] [--model NAME] [--sheet OUT.jpg]

held-out: rendered scenes that no training saw. clips, steer, sheet: real frames from DATA/clips. White-box
Cartoonization stands beside where its weights are in DATA/weights and `ai-edge-litert` is installed. Without a
word, all that the data allow, but for `faces`: whether films keep the faces of their clips, which takes minutes.

    scripts/bench look judge [--checkpoint FOLDER ...] [--scenes N] [--sheet OUT.jpg]

judge: the bundled checkpoint and others beside it, on held-out scenes and on the clips' faces; --sheet draws frames
of the clips with each.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.look.clips import on_clips, write_sheet
from benchmarks.look.faces import on_faces
from benchmarks.look.hands import Hand, ours, white_box
from benchmarks.look.held_out import held_out
from benchmarks.look.judge import judge, judge_faces
from benchmarks.look.speed import speed
from benchmarks.look.steering import steering
from benchmarks.measure.hardware import hardware_line

PARTS = ("held-out", "clips", "steer", "speed", "sheet")
YUNET = "yunet_n_320_320.onnx"
ON_SHEET = {"juggle_720p24": 120, "runner_512p20": 60, "cups_720p30_audio": 150, "bikes_cuts_272p25": 50}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, "faces", "judge", []], metavar="PART")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--model", default="mini")
    parser.add_argument(
        "--checkpoint",
        action="append",
        default=[],
        help="a checkpoint to judge beside --model; may be repeated",
    )
    parser.add_argument("--scenes", type=int, default=40)
    parser.add_argument("--size", type=int, default=160, help="of the rendered scenes, px")
    parser.add_argument("--short", type=int, default=384, help="short side of the real frames, px")
    parser.add_argument("--sheet", type=Path, default=Path("docs/look/mini.jpg"))
    options = parser.parse_args()
    if "judge" in options.parts or options.checkpoint:
        _judge(options, options.sheet if options.sheet != parser.get_default("sheet") else None)
        return
    parts, clips = options.parts or PARTS, options.data / "clips"
    peer = white_box(options.data / "weights" / "whitebox_cartoon_gan_int8.tflite")
    print(hardware_line(), "\n")
    if "held-out" in parts:
        print(*held_out(options.scenes, options.size, options.model), "", sep="\n")
    if not clips.is_dir():
        print(f"No clips in {clips}: the parts on real frames are left out.")
        parts = [part for part in parts if part in ("held-out", "speed")]
    hands: dict[str, Hand] = {} if peer is None else {"White-box": peer}
    if "faces" in parts:
        yunet = options.data / "weights" / YUNET
        print(*on_faces(clips, yunet, options.sheet, model=options.model), "", sep="\n")
    if "clips" in parts:
        everyone = hands | {
            "ours, the model alone": ours(finished=False, model=options.model),
            "ours, with the style's finish": ours(model=options.model),
        }
        print(*on_clips(clips, everyone, options.short), "", sep="\n")
    if "steer" in parts:
        print(*steering(clips, options.short, options.model), "", sep="\n")
    if "speed" in parts:
        print(*speed(options.model, 512, peer), "", sep="\n")
    if "sheet" in parts:
        write_sheet(
            clips, hands | {"ours": ours(model=options.model)}, options.short, options.sheet, ON_SHEET
        )
        print(options.sheet)


def _judge(options: argparse.Namespace, sheet: Path | None) -> None:
    checkpoints, clips = [options.model, *options.checkpoint], options.data / "clips"
    print(hardware_line(), "\n")
    print(*judge(checkpoints, options.scenes, options.size), "", sep="\n")
    if not clips.is_dir():
        return
    weights = options.data / "weights" / YUNET
    if weights.exists():
        print(*judge_faces(checkpoints, clips, weights, options.short), "", sep="\n")
    if sheet is not None:
        hands = {each: ours(finished=False, model=each) for each in checkpoints}
        write_sheet(clips, hands, options.short, sheet, ON_SHEET)
        print(sheet)


if __name__ == "__main__":
    main()
