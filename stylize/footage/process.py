"""The ffmpeg process: fed through a pipe, ended with the process that feeds it, quoted when it fails."""

from __future__ import annotations

import subprocess
import threading
from collections import deque
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO

from stylize.errors import OutputError


class Pipe:
    """The write end that a muxer needs: whole writes, and no seeking."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def write(self, data: bytes) -> int:
        self._stream.write(data)
        return len(data)


class FfmpegProcess:
    """A running ffmpeg that reads its pictures from `stdin`; use it as a context.

    Leaving the context ends the process, whether its work is done or not. A broken pipe becomes an
    error that quotes ffmpeg's last messages.
    """

    def __init__(self, command: list[str], out: Path) -> None:
        self._out = out
        self._words: deque[str] = deque(maxlen=8)
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,  # an interrupt at the terminal is ours to handle
            )
        except OSError as error:
            raise OutputError(f"ffmpeg cannot be started: {error.strerror}.", where=command[0]) from error
        assert self._process.stdin is not None
        self.stdin = Pipe(self._process.stdin)
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def __enter__(self) -> FfmpegProcess:
        return self

    def finish(self) -> None:
        """Close the pipe and wait for the film's end.

        Raises:
            OutputError: ffmpeg failed; the sentence ends with its last messages.
        """
        assert self._process.stdin is not None
        self._process.stdin.close()
        code = self._process.wait()
        self._listener.join(timeout=10)
        if code != 0:
            raise self._failed(code)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        broken = isinstance(error, BrokenPipeError)
        if broken:  # ffmpeg went first: let it say why
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=10)
        if self._process.poll() is None:
            self._process.kill()
        code = self._process.wait()
        self._listener.join(timeout=10)
        for stream in (self._process.stdin, self._process.stderr):
            if stream is not None:
                with suppress(BrokenPipeError):
                    stream.close()
        if broken:
            raise self._failed(code) from error

    def _listen(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._words.append(line.decode("utf-8", "replace").strip())

    def _failed(self, code: int) -> OutputError:
        words = " / ".join(word for word in self._words if word) or f"it ended with code {code}"
        return OutputError(
            f"ffmpeg could not write the film: {words}",
            where=self._out,
            hint="Check the free space and the folder, or try another --format.",
        )
