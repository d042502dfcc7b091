"""Where a live view goes: a window, a film, a loopback camera, or a pipe."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Any, Protocol

from stylize.errors import MissingPart, UsageError
from stylize.footage.camera import PIPE
from stylize.footage.clip import Pixels
from stylize.footage.live_film import LiveFilm, levels_of
from stylize.footage.loopback import Loopback


class LiveOutput(Protocol):
    """Takes drawings, (H, W, 3) float32 RGB in [0, 1], all of one size."""

    def show(self, drawing: Pixels, at: float) -> bool:
        """Shows or writes one; False when nobody looks any more.

        Args:
            at: when its picture was taken, by `time.monotonic`, s.

        Raises:
            OutputError: it cannot be written.
        """

    def close(self, whole: bool) -> None:
        """Ends the output; `whole` is False where something went wrong, and a film is then thrown away."""


def open_output(name: str | None, stdout: IO[bytes], overwrite: bool = False) -> LiveOutput:
    """Opens an output.

    Args:
        name: None for a window, `-` for raw pictures on stdout (rgb24), a device file for a loopback camera, else a
            film's path (.mp4, .mkv, .mov).
        stdout: where raw pictures go.

    Raises:
        UsageError: a film of that name exists, or no film has such a name. MissingPart: there can be no window.
    """
    if name is None:
        return Window()
    if name == PIPE:
        return RawPipe(stdout)
    path = Path(name)
    if path.is_char_device():
        return Loopback(path)
    if path.suffix.lower() not in (".mp4", ".mkv", ".mov"):
        raise UsageError("A live film is .mp4, .mkv or .mov.", where=path, hint="or write - for a pipe")
    if path.exists() and not overwrite:
        raise UsageError(
            "This file exists already.", where=path, hint="choose another name, or add --overwrite"
        )
    return LiveFilm(path)


class RawPipe:
    """Raw pictures one after another, three bytes a pixel (`rgb24`), for a program that reads stdin."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def show(self, drawing: Pixels, at: float) -> bool:
        try:
            self._stream.write(levels_of(drawing).tobytes())
            self._stream.flush()
        except BrokenPipeError:
            return False
        return True

    def close(self, whole: bool) -> None:
        return


class Window:
    """A window on the screen; closing it, or pressing Escape or q in it, ends the view."""

    def __init__(self) -> None:
        try:
            import tkinter
        except ModuleNotFoundError as error:
            raise MissingPart(
                "A window needs Python's tkinter.",
                hint="install it (Debian: apt install python3-tk), or write to a file or pipe with -o",
            ) from error
        try:
            self._root = tkinter.Tk()
        except tkinter.TclError as error:
            raise MissingPart(
                f"No window can be opened: {error}.", hint="write to a file with -o, or to a pipe with -o -"
            ) from error
        self._tkinter, self._is_open = tkinter, True
        self._root.title("stylize live")
        self._root.protocol("WM_DELETE_WINDOW", self._shut)
        for key in ("<Escape>", "q"):
            self._root.bind(key, lambda event: self._shut())
        self._label = tkinter.Label(self._root, borderwidth=0)
        self._label.pack()
        self._photo: Any = None

    def _shut(self) -> None:
        self._is_open = False

    def show(self, drawing: Pixels, at: float) -> bool:
        levels = levels_of(drawing)
        header = b"P6 %d %d 255 " % (levels.shape[1], levels.shape[0])
        photo = self._tkinter.PhotoImage(data=header + levels.tobytes(), format="PPM")
        self._label.configure(image=photo)
        self._photo = photo  # tkinter keeps no picture that nothing else holds
        self._root.update()
        return self._is_open

    def close(self, whole: bool) -> None:
        self._root.destroy()
