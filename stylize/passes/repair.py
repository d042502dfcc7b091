"""The pass that finds drawings apart from their neighbours, and draws them again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from deflicker.judge import FINEST, FrameJudge
from deflicker.outliers import LIMITS
from deflicker.repair import REACH, Repaired, repair
from stylize.config.resolved import ResolvedConfig
from stylize.footage.clip import Pixels, Shot
from stylize.generators.base import FrameGenerator
from stylize.passes.base import PLATE, Inputs, Pass, Pictures, reach
from stylize.passes.frame_set import FrameSet
from stylize.passes.held import Held

Mode = Literal["auto", "report"]
SEED_STEP = 0x9E3779B1
"""Between the seeds of two attempts: far apart, so that no other drawing of a run has them."""


@dataclass
class RepairPass(Pass):
    """Judges every drawing of the pass `before`, and mends the unstable ones: see `deflicker.repair`.

    An unstable drawing is made again with other seeds, and the best is kept; if none is steady, it is rebuilt from
    its neighbours. Where nobody can draw (`config` is None, or the noise is the source's own, so that another seed
    changes nothing), it is rebuilt at once. In the mode `report` every drawing passes as it is.
    """

    mode: Mode
    size: tuple[int, int]
    frames: FrameSet
    before: str
    plate: str = PLATE
    config: ResolvedConfig | None = None
    generator: Held[FrameGenerator] = field(default_factory=Held, repr=False)
    """The model that draws again: the one that the drawings come from, loaded once for both passes."""
    _notes: dict[int, dict[str, Any]] = field(default_factory=dict, init=False, repr=False)

    name = "repair"
    depends_on_frame_set = True
    lookaround = (FrameJudge.lookaround + REACH, FrameJudge.lookaround + REACH)

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.before, self.plate)

    @property
    def device(self) -> str:  # type: ignore[override]
        if self.config is None or not self._can_redraw or self.mode == "report":
            return "cpu"
        return self.config.device

    def settings(self) -> object:
        limits = {name: asdict(limit) for name, limit in LIMITS.items()}
        return [self.mode, self.size, limits, FINEST, self._can_redraw]

    def note(self, number: int) -> dict[str, Any] | None:
        """How a frame that this pass has just made was unstable, and what was done; None of one that was steady."""
        return self._notes.pop(number, None)

    def close(self) -> None:
        self.generator.release()

    def render(self, shot: Sequence[int], wanted: range, inputs: Inputs) -> Iterator[tuple[int, Pictures]]:
        near = reach(shot, wanted, self.lookaround)
        numbers = shot[near.start : near.stop]
        film = zip(near, inputs.frames(self.before, numbers), self._plates(numbers, inputs), strict=True)
        drawings = inputs.frames(self.before, shot[wanted.start : wanted.stop])
        judge, read = FrameJudge(), near.start
        for at, drawn in zip(wanted, drawings, strict=True):
            picture, is_stable = drawn, judge.is_surely_stable(at, near)
            while not is_stable and read < min(near.stop, at + self.lookaround[1] + 1):
                judge.add(*next(film))
                read += 1
                is_stable = judge.is_surely_stable(at, near)
            if not is_stable:
                picture = self._judged(judge, at, drawn, shot, inputs)
            yield shot[at], (picture,)
            judge.forget(at + 1 - REACH)

    def _judged(
        self, judge: FrameJudge, at: int, drawn: Pixels, shot: Sequence[int], inputs: Inputs
    ) -> Pixels:
        """The drawing, mended if the verdict says so."""
        judged = {u: judge.verdict(u) for u in reach(shot, range(at, at + 1), (REACH, REACH))}
        if judged[at].is_stable:
            return drawn
        done = self._mend(judge, judged, at, shot, inputs)
        self._notes[shot[at]] = _facts(done, shot)
        return done.picture

    def _mend(self, judge: FrameJudge, judged: Any, at: int, shot: Sequence[int], inputs: Inputs) -> Repaired:
        def drawn(place: int) -> Pixels:
            return next(inputs.frames(self.before, [shot[place]]))

        def source(place: int) -> Pixels:
            return next(self._plates([shot[place]], inputs))

        def redraw(place: int, attempt: int) -> Pixels:
            whole_shot = Shot(shot[0], shot[-1] + 1)
            return self._reseeded(attempt).draw([source(place)], [shot[place]], whole_shot)[0]

        if self.mode == "report":
            return Repaired(drawn(at), "left", judged[at], judged[at])
        return repair(judge, judged, at, drawn, source, redraw if self._can_redraw else None)

    @property
    def _can_redraw(self) -> bool:
        return self.config is not None and self.config.noise != "source"

    def _reseeded(self, attempt: int) -> FrameGenerator:
        """The generator that draws with another seed."""
        from stylize.generators.load import load_generator

        config = self.config
        assert config is not None
        generator = self.generator.get(lambda: load_generator(config))
        seed = (config.seed + attempt * SEED_STEP) % 2**32
        return generator.with_config(config.model_copy(update={"seed": seed}))

    def _plates(self, numbers: Sequence[int], inputs: Inputs) -> Iterator[Pixels]:
        return inputs.frames(self.plate, numbers, self.size)


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
