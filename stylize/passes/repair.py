"""The pass that finds drawings apart from their neighbours, and draws them again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from deflicker.judge import FrameJudge
from deflicker.outliers import LIMITS
from deflicker.repair import REACH, Repaired, repair
from stylize.footage.clip import Pixels, Shot
from stylize.passes.base import Inputs, reach

if TYPE_CHECKING:
    from stylize.config.resolved import ResolvedConfig
    from stylize.generators.base import FrameGenerator

Mode = Literal["auto", "report"]


@dataclass
class RepairPass:
    """Judges every drawing of the pass `before`, and mends the unstable ones: see `deflicker.repair`.

    An unstable drawing is made again with other seeds, and the best is kept; if none is steady, it is rebuilt from
    its neighbours. Where nobody can draw (`look` is None, or the look's noise is the source's own, so that another
    seed changes nothing), it is rebuilt at once. In the mode `report` every drawing passes as it is.
    """

    mode: Mode
    size: tuple[int, int]
    before: str
    config: ResolvedConfig | None = None

    name = "repair"
    sees_plate = True
    depends_on_frame_set = True
    _told: dict[int, dict[str, Any]] = field(default_factory=dict, init=False)
    _painter: FrameGenerator | None = field(default=None, init=False)

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.before,)

    @property
    def lookaround(self) -> tuple[int, int]:
        return FrameJudge.lookaround + REACH, FrameJudge.lookaround + REACH

    def settings(self) -> object:
        limits = {name: asdict(limit) for name, limit in LIMITS.items()}
        return [self.mode, self.size, limits, self._can_redraw]

    def told(self, number: int) -> dict[str, Any] | None:
        """What is to be told of a frame that this pass has just made; None of one that was steady."""
        return self._told.pop(number, None)

    def close(self) -> None:
        self._painter = None

    def render(self, shot: Sequence[int], wanted: range, inputs: Inputs) -> Iterator[tuple[int, Pixels]]:
        near = reach(shot, wanted, self.lookaround)
        numbers = shot[near.start : near.stop]
        film = zip(near, inputs.frames(self.before, numbers), self._plates(numbers, inputs), strict=True)
        drawings = inputs.frames(self.before, shot[wanted.start : wanted.stop])
        judge, read = FrameJudge(), near.start
        for at, drawn in zip(wanted, drawings, strict=True):
            while read < min(near.stop, at + self.lookaround[1] + 1):
                judge.add(*next(film))
                read += 1
            judged = {u: judge.verdict(u) for u in reach(shot, range(at, at + 1), (REACH, REACH))}
            picture = drawn
            if not judged[at].is_stable:
                done = self._mend(judge, judged, at, shot, inputs)
                self._told[shot[at]] = _facts(done, shot)
                picture = done.picture
            yield shot[at], picture
            judge.forget(at + 1 - REACH)

    def _mend(self, judge: FrameJudge, judged: Any, at: int, shot: Sequence[int], inputs: Inputs) -> Repaired:
        def drawn(place: int) -> Pixels:
            return next(inputs.frames(self.before, [shot[place]]))

        def source(place: int) -> Pixels:
            return next(self._plates([shot[place]], inputs))

        def redraw(place: int, attempt: int) -> Pixels:
            take = Shot(shot[0], shot[-1] + 1)
            return self._generator_with(attempt).draw([source(place)], [shot[place]], take)[0]

        if self.mode == "report":
            return Repaired(drawn(at), "left", judged[at], judged[at])
        return repair(judge, judged, at, drawn, source, redraw if self._can_redraw else None)

    @property
    def _can_redraw(self) -> bool:
        return self.config is not None and self.config.noise != "source"

    def _generator_with(self, attempt: int) -> FrameGenerator:
        """The look's painter with another seed: one that no other drawing of a run with seeds from 0 on has."""
        assert self.config is not None
        if self._painter is None:
            from stylize.generators.load import load_generator

            self._painter = load_generator(self.config)
        seed = (self.config.seed + attempt * 0x9E3779B1) % 2**32
        return self._painter.with_config(self.config.model_copy(update={"seed": seed}))

    def _plates(self, numbers: Sequence[int], inputs: Inputs) -> Iterator[Pixels]:
        from stylize.diffusion.sizes import scale_down

        return (scale_down(plate, self.size) for plate in inputs.plates(numbers))


def _facts(done: Repaired, shot: Sequence[int]) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "done": done.how,
        "reason": done.before.reason,
        "severity": done.before.severity,
        "severity_after": done.after.severity,
        "z": done.before.z,
    }
    if done.how == "redrawn":
        facts["attempt"] = done.attempt
    if done.how == "rebuilt":
        facts["from"] = [shot[place] for place in done.neighbours]
    return facts
