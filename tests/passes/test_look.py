"""The pass that gives the film its look comes last, over drawing and backdrop alike."""

from __future__ import annotations

import numpy as np

from stylize.config.style import Finish
from stylize.passes import LookPass
from stylize.passes.frame_set import FrameSet

FRAMES = range(4)


class Held:
    """Two drawings, each held for two frames, with alpha."""

    def frames(self, name: str, numbers: list[int], size: tuple[int, int] | None = None):
        assert name == "comp"
        shades = [np.full((32, 48, 3), 0.3 + 0.2 * (number // 2)) for number in numbers]
        return iter([np.dstack([shade, np.full((32, 48), 0.5)]).astype(np.float32) for shade in shades])


def made(look: LookPass, wanted: range) -> dict[int, np.ndarray]:
    return {number: picture for number, (picture,) in look.render(list(FRAMES), wanted, Held())}


def test_every_frame_has_grain_of_its_own_for_any_chunks_and_keeps_its_alpha() -> None:
    look = LookPass(Finish(grain=1.0), (48, 32), FrameSet(FRAMES), "comp")
    whole = made(look, range(4))
    assert sorted(whole) == [0, 1, 2, 3]
    assert not np.array_equal(whole[0][..., :3], whole[1][..., :3])  # a held drawing
    assert all(np.array_equal(each[..., 3], np.full((32, 48), 0.5)) for each in whole.values())
    for start in FRAMES:
        assert np.array_equal(made(look, range(start, start + 1))[start], whole[start])


def test_what_the_cel_asks_for_does_not_make_a_look_anew() -> None:
    looks = [LookPass(Finish(grain=0.5, ink=ink), (48, 32), FrameSet(FRAMES), "comp") for ink in (0.0, 0.5)]
    assert looks[0].settings() == looks[1].settings()
    assert looks[0].settings() != LookPass(Finish(glow=0.1), (48, 32), FrameSet(FRAMES), "comp").settings()
