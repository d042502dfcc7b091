"""No command speaks to anybody or writes outside its folder: every one of the command line is run and watched.

Commands that work for minutes (they train or quantize) or wait for ever are begun in a way that ends early.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

from stylize.cli.app import COMMANDS
from tests.attacks.watched_commands import HOOK
from tests.hostile.chaos_commands import COMMANDS as CHAOS
from tests.hostile.chaos_commands import SMALL, write_inputs

ROOT = Path(__file__).resolve().parents[2]
DONE: list[tuple[str, ...]] = [
    ("run", "plate.mp4", "-o", "run.mp4", *SMALL, "--end", "2f"),
    ("run", "plate.mp4", "-o", "dry.mp4", *SMALL, "--dry-run"),
    ("steady", "drawn.mp4", "--source", "plate.mp4", "-o", "steady.mp4", "--repair", "off"),
    ("camera", "camera.chan", "--picture", "96x64", "-o", "out.usda"),
    ("comp", "plate.mp4", "scene.toml", "-o", "comp.mp4"),
    CHAOS["shots"],
    CHAOS["key"],
    ("keyframes", "suggest", "plate.mp4"),
    ("styles", "list"),
    ("styles", "show", "anime"),
    ("styles", "install", "pack"),
    ("styles", "remove", "pack"),
    ("styles", "fuse", "anime", "-o", "fused"),
    ("models", "list"),
    ("models", "show", "mini"),
    ("models", "verify", "mini"),
    ("train", "drawings", "cel", "taught", "--count", "2"),
    ("train", "pairs", "rendered", "pairs", "--count", "2", "--size", "64"),
    ("live", "plate.mp4", "--tier", "live-m", "--frames", "2", "-o", "live.mp4", "--device", "cpu"),
    ("compare", "plate.mp4", "drawn.mp4", "-o", "compare.html"),
    ("farm", "export", "jobs.toml", "-o", "exports"),
    ("farm", "status", "jobs.stylize/out"),
    ("farm", "retry", "jobs.stylize/out", "--frames", "all"),
    ("worker", "style", "0", "jobs.stylize/out"),
    ("edge", "publish", "served"),
]
"""They end well."""
REFUSED: list[tuple[str, ...]] = [
    ("models", "download", "none"),
    ("train", "style", "empty", "--name", "ink", "-o", "trained"),
    ("train", "controlnet", "--condition", "canny", "--pairs", "empty", "-o", "trained"),
    ("train", "live", "--clips", "empty", "-o", "trained"),
    ("train", "base", "--config", "no.toml", "--rendered", "empty", "--real", "empty", "-o", "trained"),
    ("train", "pairs", "real", "pairs2", "--clips", "none"),
    ("train", "checkpoint", "empty", "-o", "exported"),
    (
        "train",
        "pairs-style",
        "--keyframes",
        "empty",
        "--clip",
        "plate.mp4",
        "--name",
        "mine",
        "-o",
        "trained",
    ),
    ("studio", "plate.mp4"),
    ("farm", "run", "none.toml"),
    ("farm", "submit", "none.toml", "--address", "http://127.0.0.1:9"),
    ("edge", "quantize", "none"),
    ("edge", "export", "none", "-o", "exported"),
    ("edge", "report", "none", "--calibrate", "plate.mp4"),
]
EITHER: list[tuple[str, ...]] = [("doctor",)]


def names() -> set[str]:
    """Every command of the command line that does something itself."""
    found = set()

    def walk(path: str, command: object) -> None:
        inner = getattr(command, "commands", None)
        if inner:
            for name, each in inner.items():
                walk(f"{path} {name}", each)
        else:
            found.add(path)

    for each in COMMANDS:
        walk(each.name, each.load())
    return found


def test_no_command_speaks_or_writes_elsewhere(tmp_path: Path) -> None:
    commands = [*DONE, *REFUSED, *EITHER]
    tried = {" ".join(words) for words in commands}
    untried = {name for name in names() if not any(f"{words} ".startswith(f"{name} ") for words in tried)}
    assert not untried

    home, hooks, watched = tmp_path / "home", tmp_path / "hooks", tmp_path / "watched"
    for folder in (home, hooks, home / "empty", home / "pack", home / "temporary"):
        folder.mkdir(exist_ok=True)
    write_inputs(home)
    (home / "pack/style.toml").write_text('title = "a"\nprompt = "a"\ncheckpoint = "mini"\n')
    (hooks / "sitecustomize.py").write_text(HOOK)
    (tmp_path / "commands.json").write_text(json.dumps(commands))
    watched.touch()
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("XDG_", "ORT_", "HF_", "STYLIZE_", "TORCHINDUCTOR_"))
    }  # torch writes the last into the environment of the process that runs the tests
    done = subprocess.run(
        [
            sys.executable,
            "-W",
            "ignore",
            "-m",
            "tests.attacks.watched_commands",
            str(tmp_path / "commands.json"),
        ],
        env={
            **kept,
            "HOME": str(home),
            "TMPDIR": str(home / "temporary"),
            "PYTHONPATH": os.pathsep.join((str(hooks), str(ROOT))),
            "PYTHONDONTWRITEBYTECODE": "1",
            "WATCH": str(watched),
            "WATCH_HOME": str(home),
            "OMP_NUM_THREADS": "1",
        },
        capture_output=True,
        text=True,
        cwd=home,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert watched.read_text() == ""
    said = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"words"')]
    assert [each["words"] for each in said] == [list(words) for words in commands], done.stderr[-3000:]
    codes = {" ".join(each["words"]): each["code"] for each in said}
    assert {words: code for words in map(" ".join, DONE) if (code := codes[words]) != 0} == {}, done.stderr[
        -4000:
    ]
    assert all(codes[" ".join(words)] in (1, 2) for words in REFUSED), codes
    assert "stylize itself failed" not in done.stderr


def test_what_a_process_does_is_seen(tmp_path: Path) -> None:
    """The watch itself: an address that is nobody's, a name, and a file elsewhere."""
    (tmp_path / "sitecustomize.py").write_text(HOOK)
    (tmp_path / "watched").touch()
    (tmp_path / "home").mkdir()
    code = (
        "import contextlib, pathlib, socket, subprocess, sys\n"
        "s = socket.socket(); s.settimeout(0.01)\n"
        "with contextlib.suppress(OSError): s.connect(('192.0.2.1', 9))\n"
        "with contextlib.suppress(OSError): socket.getaddrinfo('example.invalid', 80)\n"
        "pathlib.Path('here').write_text('')\n"
        "if len(sys.argv) < 2: subprocess.run([sys.executable, '-c', sys.orig_argv[2], 'again'], check=True)\n"
        f"pathlib.Path({str(tmp_path / 'elsewhere')!r}).write_text('')\n"
    )
    subprocess.run(
        [sys.executable, "-c", code], check=True, cwd=tmp_path / "home", timeout=60,
        env={"PYTHONPATH": str(tmp_path), "WATCH": str(tmp_path / "watched"), "WATCH_HOME": str(tmp_path / "home")},
    )  # fmt: skip
    seen = (tmp_path / "watched").read_text().splitlines()
    assert Counter(line.split()[0] for line in seen) == {
        "socket.connect": 2, "socket.getaddrinfo": 2, "writes": 2,
    }  # fmt: skip
