"""Chaos: commands are killed, stopped, starved of disk and spoiled at random moments, and given again.

    python -m tests.hostile.chaos [--rounds 200] [--seed 1] [--minutes 60] [--commands run,steady]
        [--fault "disk full"]

After every round the same command must end in the very files of an undisturbed run, and leave nothing else behind,
in the system's temporary folder neither. Commands run in processes of their own, forked from one that has imported
everything, so that a round takes seconds. Workers and nodes of a cluster die in `tests.farm.chaos`.
"""

from __future__ import annotations

import argparse
import collections
import importlib
import json
import os
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.hostile.chaos_commands import COMMANDS, HEAVY, outputs_of, write_inputs
from tests.hostile.chaos_faults import FAULTS, NEEDS_ROOT, OFTEN, Round, start, temporary_of, wait

TORCH_S_OWN = "torchinductor_"
"""A folder that torch makes in the temporary folder as it is imported, and keeps."""


def play(name: str, fault: str, inputs: Path, home: Path, whole: dict[str, Any], dice: random.Random) -> str:
    """One round; returns what is wrong, or nothing."""
    folder, said = fresh(inputs, home)
    FAULTS[fault](Round(COMMANDS[name], folder, whole["seconds"], dice))
    is_noted = any(folder.glob("*.stylize/film.json"))
    code = wait(start(COMMANDS[name], folder))
    text = said.read_text(errors="replace")
    if code == 2 and "exist" in text and not is_noted:  # it was done before the fault came: the user agrees
        code = wait(start((*COMMANDS[name], "-y"), folder))
    text = said.read_text(errors="replace")
    if code != 0:
        return f"exit code {code}: {text[-300:]}"
    if "Traceback" in text or "itself failed" in text:
        return f"an internal error: {text[-600:]}"
    found = outputs_of(folder)
    if found.keys() != whole["files"].keys():
        return f"other files: {sorted(found.keys() ^ whole['files'].keys())}"
    if found != whole["files"]:
        return f"other contents: {[each for each in found if found[each] != whole['files'][each]]}"
    left = [each.name for each in temporary_of(folder).iterdir() if not each.name.startswith(TORCH_S_OWN)]
    return f"left in the temporary folder: {left}" if left else ""


def fresh(inputs: Path, home: Path) -> tuple[Path, Path]:
    """A folder with nothing but the inputs, the same for every round since records name it, and the file that
    takes down what commands say there."""
    folder, said = home / "round", home / "round.said"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.rmtree(temporary_of(folder))
    said.unlink(missing_ok=True)
    shutil.copytree(inputs, folder)
    return folder, said


def storm(
    rounds: int, seed: int, minutes: float, commands: tuple[str, ...], faults: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Plays the rounds; returns how many of each command and fault there were, and what went wrong.

    Each of `faults` is played in its turn; without them all are, and every second round is a SIGKILL.
    """
    began = time.monotonic()
    counts: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    wrong: list[list[str]] = []
    home = Path(tempfile.mkdtemp(prefix="chaos-"))
    try:
        inputs = home / "inputs"
        inputs.mkdir()
        made = os.fork()
        if not made:  # OpenCV's threads stay in that process
            write_inputs(inputs)
            os._exit(0)
        os.waitpid(made, 0)
        wholes = {name: undisturbed(name, inputs, home) for name in commands}
        turns = faults or tuple(each for fault in FAULTS for each in (fault, OFTEN))
        turns = tuple(each for each in turns if each not in NEEDS_ROOT or os.geteuid() == 0)
        for number in range(rounds):
            if time.monotonic() - began > 60 * minutes:
                break
            dice = random.Random(seed * 100_000 + number)
            name = commands[number % len(commands)]
            fault = turns[number // len(commands) % len(turns)]
            what = play(name, fault, inputs, home, wholes[name], dice)
            counts[fault][name] += 1
            if what:
                wrong.append([name, fault, str(number), what])
                print(f"round {number} ({name}, {fault}, seed {seed}): {what}", flush=True)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    return {
        "rounds": sum(sum(each.values()) for each in counts.values()),
        "counts": {fault: dict(each) for fault, each in counts.items()},
        "wrong": wrong,
        "seconds": round(time.monotonic() - began),
    }


def undisturbed(name: str, inputs: Path, home: Path) -> dict[str, Any]:
    """What a command makes, and how long it takes."""
    folder, said = fresh(inputs, home)
    began = time.monotonic()
    code = wait(start(COMMANDS[name], folder))
    assert code == 0, said.read_text()
    return {"seconds": time.monotonic() - began, "files": outputs_of(folder)}


def table(found: dict[str, Any], commands: tuple[str, ...]) -> str:
    """The rounds as a table, by fault and command."""
    lines = ["| fault | " + " | ".join(commands) + " | wrong |", "|-" * (len(commands) + 2) + "|"]
    for fault, each in found["counts"].items():
        bad = sum(1 for row in found["wrong"] if row[1] == fault)
        lines.append(
            f"| {fault} | " + " | ".join(str(each.get(name, 0)) for name in commands) + f" | {bad} |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--commands", default=",".join(COMMANDS))
    parser.add_argument("--fault", action="append", default=[], choices=FAULTS, help="only these")
    parser.add_argument("--json", type=Path, help="write the counts here")
    asked = parser.parse_args()
    commands = tuple(asked.commands.split(","))
    for name in commands:
        for module in HEAVY.get(name, ()):
            importlib.import_module(module)
    found = storm(asked.rounds, asked.seed, asked.minutes, commands, tuple(asked.fault))
    print(table(found, commands))
    print(f"{found['rounds']} rounds in {found['seconds']} s, {len(found['wrong'])} wrong")
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1))
    sys.exit(1 if found["wrong"] else 0)


if __name__ == "__main__":
    main()
