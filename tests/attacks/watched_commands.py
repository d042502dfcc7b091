"""Runs commands in this process, and notes every way out that they or the Python programs they start take.

    WATCH=FILE PYTHONPATH=FOLDER_WITH_SITECUSTOMIZE python -m tests.attacks.watched_commands COMMANDS.json

`sitecustomize.py` in that folder is `HOOK`: Python runs it at the start of every process, workers included.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

HOOK = """
import os, sys

HERE = (os.environ["WATCH_HOME"], "/dev/", "/proc/")
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def note(what):
    handle = os.open(os.environ["WATCH"], os.O_WRONLY | os.O_APPEND)
    os.write(handle, (what + chr(10)).encode())
    os.close(handle)


def is_here(address):
    if not isinstance(address, tuple):
        return True  # a socket in the file system
    return str(address[0]) in ("127.0.0.1", "::1", "localhost", "")


def watch(event, what):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg") and not is_here(what[1]):
        note(f"{event} {what[1]}")
    elif event == "socket.getaddrinfo" and str(what[0]) not in ("None", "127.0.0.1", "localhost", "::1"):
        note(f"{event} {what[0]}")
    elif event == "open" and isinstance(what[0], str) and isinstance(what[2], int) and what[2] & WRITES:
        path = os.path.realpath(what[0])
        if not path.startswith(HERE) and path != os.environ["WATCH"]:
            note(f"writes {path}")
    elif event in ("os.remove", "os.rename", "shutil.rmtree", "os.mkdir"):
        path = os.path.realpath(os.fsdecode(what[0])) if isinstance(what[0], (str, bytes)) else None
        if path and not path.startswith(HERE):
            note(f"{event} {path}")


sys.addaudithook(watch)
"""


def main() -> None:
    from stylize.cli import main as command_line

    for words in json.loads(Path(sys.argv[1]).read_text()):
        began = time.monotonic()
        code = command_line(words)
        print(json.dumps({"words": words, "code": code, "seconds": time.monotonic() - began}), flush=True)


if __name__ == "__main__":
    main()
