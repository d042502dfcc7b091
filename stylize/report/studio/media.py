"""Pictures of clips, and the shots in them, found once for each file."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Any

from stylize import footage
from stylize.footage.clip import Clip, Shot
from stylize.report.page.pictures import jpeg

MOST_KEPT = 400
WIDTH_PX = 480


class Media:
    """What was found of files, forgotten when they change."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[Any, ...], Any] = OrderedDict()
        self._lock = Lock()

    def clip(self, file: Path) -> Clip:
        """A probed clip."""
        return self._once(file, "clip", lambda: footage.probe(file))

    def shots(self, file: Path) -> list[Shot]:
        """The shots of a clip."""
        return self._once(file, "shots", lambda: footage.find_shots(self.clip(file)))

    def frame(self, file: Path, number: int) -> bytes:
        """A frame of a clip as a small JPEG; the last one for a number beyond the end."""
        clip = self.clip(file)
        index = max(0, min(clip.frame_count - 1, number))

        def draw() -> bytes:
            width, height = (
                min(WIDTH_PX, clip.width),
                max(1, round(clip.height * min(1, WIDTH_PX / clip.width))),
            )
            return jpeg(next(iter(footage.pick_seen(clip, [index], (width, height)))).pixels, WIDTH_PX)

        return self._once(file, f"frame {index}", draw)

    def _once(self, file: Path, what: str, find: Callable[[], Any]) -> Any:
        facts = file.stat()
        key = (str(file), facts.st_mtime_ns, facts.st_size, what)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        found = find()
        with self._lock:
            self._kept[key] = found
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return found
