"""All threads of a run share a few of the allocator's arenas."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

from stylize.system.allocator import ARENAS

COUNT = """
import ctypes, sys, threading
from stylize.system.allocator import keep_few_arenas

libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
libc.fopen.restype, libc.fopen.argtypes = ctypes.c_void_p, [ctypes.c_char_p, ctypes.c_char_p]
libc.malloc_info.argtypes, libc.fclose.argtypes = [ctypes.c_int, ctypes.c_void_p], [ctypes.c_void_p]
if "few" in sys.argv:
    keep_few_arenas()
together = threading.Barrier(9)

def take():
    libc.malloc(5000)
    together.wait()

threads = [threading.Thread(target=take) for _ in range(8)]
for thread in threads:
    thread.start()
together.wait()
for thread in threads:
    thread.join()
file = libc.fopen(b"/dev/stdout", b"w")
libc.malloc_info(0, file)
libc.fclose(file)
"""


def arenas(*words: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", COUNT, *words], capture_output=True, text=True, check=True, env={"PATH": ""}
    )
    return done.stdout.count("<heap nr=")


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries have no such arenas")
def test_threads_share_a_few_arenas() -> None:
    assert arenas("few") == ARENAS
    assert arenas() > ARENAS
