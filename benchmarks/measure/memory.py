"""How much memory a process took at its most."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from stylize.system.machine import high_water, peak_in_bytes

MIB = 1 << 20


@dataclass
class Command:
    """A program that runs, read line by line, and what it took.

    `peak` is the most bytes that it or a program it started had resident. The caller should be small: on Linux
    a child's count starts at the caller's own size. `cpu_s` is the processor time of them all, in seconds:
    beside the wall clock it shows whether the machine was busy with something else.
    """

    words: Sequence[str]
    peak: int = 0
    cpu_s: float = 0.0

    def lines(self) -> Iterator[tuple[str, int | None]]:
        """Each line that the program writes, and its high-water mark at that moment; sets the rest at its end.

        Raises:
            subprocess.CalledProcessError: it failed; its own words are on standard error.
        """
        process = subprocess.Popen(self.words, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        try:
            for line in process.stdout:
                yield line, high_water(process.pid)
        except BaseException:  # whoever listens has had enough: nothing is left running
            process.terminate()
            raise
        finally:
            process.stdout.close()
            _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise subprocess.CalledProcessError(process.returncode, self.words)
        self.peak, self.cpu_s = peak_in_bytes(usage.ru_maxrss), usage.ru_utime + usage.ru_stime
