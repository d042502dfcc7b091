"""What will run: at what size and cost, with which fingerprints. Loads no weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from stylize import footage
from stylize.config.settings import Repair, RunSettings
from stylize.errors import FootageError, UsageError
from stylize.footage.cadence import ExposureSheet
from stylize.footage.clip import Clip, Pixels, Shot
from stylize.jobs.job import check_film_of
from stylize.storage.fingerprint import fingerprint, fingerprint_file
from stylize.storage.frame_store import FrameStore
from stylize.storage.place import Place

if TYPE_CHECKING:
    from stylize.comp.mattes.output import Output
    from stylize.comp.plan import CompPlan
    from stylize.config.resolved import ResolvedConfig
    from stylize.diffusion.checkpoint_info import CheckpointInfo
    from stylize.jobs.cost import Cost
    from stylize.passes import Inputs, Pass

KEYED = ("matte", "subject")
FULL_SIZE = (*KEYED, "finish", "backdrop", "comp")
FORMATS = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mp4", ".png": "png", ".exr": "exr"}


@dataclass(frozen=True)
class PassPlan:
    """One pass of a run: how many frames it owes, how many of them lie in the store already."""

    name: str
    fingerprint: str
    frames: int
    done: int
    size: tuple[int, int]


@dataclass(frozen=True)
class Plan:
    """A run, decided.

    `span` holds the frames of the clip that the film shows; `shots` cover it exactly, and `sheet` says which of
    them are drawn. `run_dir` keeps the frames of every pass, each under its fingerprint.
    """

    clip: Clip
    source: str
    span: range
    shots: tuple[Shot, ...]
    sheet: ExposureSheet
    config: ResolvedConfig
    facts: CheckpointInfo
    out: Path
    format: str
    audio: bool
    run_dir: Place
    working_size: tuple[int, int]
    steps: tuple[Pass, ...]
    fingerprints: dict[str, str]
    remote: bool = False
    """Other machines draw: what this one has says nothing about them."""
    comp: CompPlan | None = None
    """What a scene file adds: the key, the camera and the backdrop of every shot."""
    foreground: Output | None = None
    """Where the drawn subject goes by itself, with its alpha."""

    @property
    def parts(self) -> tuple[Plan, ...]:
        return (self,)

    def store(self, name: str) -> FrameStore:
        """Where the frames of a pass lie."""
        return FrameStore(self.run_dir / name / self.fingerprints[name])

    def frames_of(self, name: str) -> Sequence[int]:
        """The frames that a pass makes: the drawings, and from the pass on that moves them, every frame."""
        if self.comp is not None and name == "backdrop":
            return self.comp.drawn
        names = [step.name for step in self.steps]
        moved = "glide" in names and (names.index(name) >= names.index("glide") or name in KEYED)
        return self.span if moved or name == "comp" else self.sheet.drawings

    def shown(self, name: str, index: int) -> int:
        """Which of a pass's frames is seen at frame `index`."""
        every = name == "backdrop" or self.frames_of(name) is self.span
        return index if every else self.sheet.drawing_at(index)

    def preview_of(self, name: str, shot: Shot, index: int) -> tuple[Sequence[int], range]:
        """What a pass makes to show one frame of a shot: that frame, or of a backdrop all its pictures."""
        if self.comp is not None and name == "backdrop":
            drawn = [number for number in self.comp.drawn if number in shot]
            only = drawn.index(index) if index in drawn and len(drawn) == len(shot) else None
            return drawn, range(len(drawn)) if only is None else range(only, only + 1)
        return range(shot.start, shot.end), range(index - shot.start, index - shot.start + 1)

    def inputs(self) -> Inputs:
        """What the passes read."""
        return StoredInputs(self)

    def check_film(self, overwrite: bool) -> None:
        """Refuses an output that cannot be meant or must not be replaced, before a frame is drawn.

        Raises:
            UsageError: see `stylize.footage.check_film`.
        """
        check_film_of(self, overwrite)
        if self.foreground is not None:
            check_film_of(self, overwrite, self.foreground.path, self.foreground.format)

    @property
    def repair(self) -> Repair:
        """What is done about unstable drawings."""
        return self.config.repair

    @cached_property
    def passes(self) -> tuple[PassPlan, ...]:
        """How far each pass has come, as the store says."""
        owed = {step.name: self.frames_of(step.name) for step in self.steps}
        return tuple(
            PassPlan(
                step.name,
                self.fingerprints[step.name],
                len(owed[step.name]),
                len(owed[step.name]) - len(self.store(step.name).missing(owed[step.name])),
                (self.clip.width, self.clip.height) if step.name in FULL_SIZE else self.working_size,
            )
            for step in self.steps
        )

    @cached_property
    def cost(self) -> Cost:
        """What the run will take of this machine. Reckoned, not guessed: see `stylize.jobs.cost`."""
        from stylize.jobs.cost import reckon

        return reckon(self)


@dataclass(frozen=True)
class Survey:
    """What was found out about a clip before anything is decided: its contents, and the shots of the span asked."""

    clip: Clip
    source: str
    shots: tuple[Shot, ...]

    @property
    def span(self) -> range:
        return range(self.shots[0].start, self.shots[-1].end)


def survey(source: Path, settings: RunSettings) -> Survey:
    """Probes the clip and finds its shots.

    Raises:
        StylizeError: what cannot be meant or read.
    """
    clip = footage.probe(source, rate=footage.parse_rate(settings.rate))
    return Survey(clip, identity_of(clip), tuple(shots_of(clip, span_of(clip, settings), settings.shots)))


def make_plan(source: Path, out: Path, settings: RunSettings, *, work_dir: Place | None = None) -> Plan:
    """Probes the clip, finds its shots and decides everything that a run hangs on.

    Args:
        source: a film file, or the pattern of an image sequence.
        out: where the film goes.
        settings: what is asked.
        work_dir: where unfinished frames are kept; by default `<out>.stylize` beside the film.

    Raises:
        StylizeError: what cannot be meant, read or found.
    """
    from stylize.generators.resolve import resolve_config

    resolve_config(settings)  # a slip of the pen is found before the clip is searched for its shots
    return plan_shots(survey(source, settings), out, settings, work_dir=work_dir)


def plan_shots(
    found: Survey, out: Path, settings: RunSettings, *, work_dir: Place | None = None, remote: bool = False
) -> Plan:
    """Decides how the shots of a survey are made: see `make_plan`; `elsewhere` means by other machines."""
    from stylize.diffusion.sizes import working_size
    from stylize.generators.inspect import inspect_checkpoint
    from stylize.generators.resolve import resolve_config

    clip, shots = found.clip, found.shots
    config = resolve_config(settings, remote)
    facts = inspect_checkpoint(config.checkpoint, config.offline)
    sheet = footage.find_drawings(clip, shots, config.cadence)
    size = working_size(clip.width, clip.height, config.size)
    run_dir = work_dir or out.with_name(f"{stem_of(out)}.stylize")
    comp = plan_scene(settings.comp, clip, shots, found.source, run_dir)
    steps = all_steps(config, facts, size, sheet, comp, clip)
    return Plan(
        clip=clip,
        source=found.source,
        span=found.span,
        shots=shots,
        sheet=sheet,
        config=config,
        facts=facts,
        out=out,
        format=settings.format or FORMATS.get(out.suffix.lower(), "mp4"),
        audio=settings.audio,
        run_dir=run_dir,
        working_size=size,
        steps=steps,
        fingerprints=fingerprints(steps, found.source, shots, sheet),
        remote=remote,
        comp=comp,
        foreground=_foreground(settings, out),
    )


@dataclass(frozen=True)
class StoredInputs:
    """A pass's inputs from the source and from the store."""

    plan: Plan

    def plates(self, numbers: Sequence[int]) -> Iterator[Pixels]:
        return self.sources(numbers) if self.plan.comp is None else self.frames("subject", numbers)

    def sources(self, numbers: Sequence[int]) -> Iterator[Pixels]:
        return (frame.pixels for frame in footage.pick_frames(self.plan.clip, numbers))

    def frames(self, name: str, numbers: Sequence[int]) -> Iterator[Pixels]:
        store = self.plan.store(name)
        return (store.read(self.plan.shown(name, number)) for number in numbers)


def all_steps(
    config: ResolvedConfig,
    facts: CheckpointInfo,
    size: tuple[int, int],
    sheet: ExposureSheet,
    comp: CompPlan | None,
    clip: Clip,
) -> tuple[Pass, ...]:
    """The passes of a run, in order."""
    steps = _steps(config, facts, size, sheet)
    if comp is None:
        return steps
    from stylize.comp.steps import comp_steps

    return comp_steps(steps, comp, clip, config, facts, size, sheet)


def _steps(
    config: ResolvedConfig, facts: CheckpointInfo, size: tuple[int, int], sheet: ExposureSheet
) -> tuple[Pass, ...]:
    from deflicker import SteadySettings
    from stylize.passes import CelPass, FinishPass, GlidePass, RepairPass, SteadyPass, StylePass

    steps: list[Pass] = [StylePass(config, facts.revision, size)]
    if config.repair != "off":
        steps.append(RepairPass(config.repair, size, before="style", config=config))
    if config.finish.touches_the_cel:
        steps.append(CelPass(config.finish, size, before=steps[-1].name))
    if config.steady > 0:
        steady = SteadySettings(strength=config.steady)
        steps.append(SteadyPass(steady, size, before=steps[-1].name, device=config.device))
    if config.hold == "glide" and sheet.holds_any:
        steps.append(GlidePass(sheet, size, before=steps[-1].name))
    return *steps, FinishPass(config.finish.detail, before=steps[-1].name)


def plan_scene(
    scene: Path | None, clip: Clip, shots: Sequence[Shot], source: str, run_dir: Place
) -> CompPlan | None:
    """What a scene file adds to a run, where there is one: see `stylize.comp.plan.plan_comp`."""
    if scene is None:
        return None
    from stylize.comp.plan import plan_comp

    return plan_comp(scene, clip, shots, source, run_dir)


def _foreground(settings: RunSettings, film: Path) -> Output | None:
    if settings.foreground is None:
        return None
    from stylize.comp.steps import foreground_output

    return foreground_output(settings, film)


def fingerprints(
    steps: Sequence[Pass],
    source: str,
    shots: Sequence[Shot],
    sheet: ExposureSheet,
    given: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, str]:
    """Each pass's fingerprint stands for its settings, the source, the shots and the passes it reads.

    `given` are those of frames that no pass makes. The choice of drawings counts only where it can change a pixel,
    so that a change of cadence draws no frame again.
    """
    prints: dict[str, str] = {}
    cuts = [(shot.start, shot.end) for shot in shots]
    for step in steps:
        upstream = [given[name] if name in given else prints[name] for name in step.needs]
        company = [sheet.drawings] if step.depends_on_frame_set and sheet.holds_any else []
        prints[step.name] = fingerprint(step.name, step.settings(), source, cuts, upstream, *company)
    return prints


def identity_of(clip: Clip) -> str:
    """Stands for the clip's contents, wherever it lies."""
    return fingerprint([fingerprint_file(file) for file in footage.source_files(clip)])


def span_of(clip: Clip, settings: RunSettings) -> range:
    start = footage.parse_time(settings.start, clip) if settings.start else 0
    end = footage.parse_time(settings.end, clip) if settings.end else clip.frame_count
    if clip.frame_count == 0:
        raise FootageError("This clip holds no frame to draw.", where=clip.path)
    if start >= end:
        raise UsageError(
            f"Nothing lies between --start {settings.start or 0} and --end {settings.end or 'the end'}.",
            hint=f"the clip has {clip.frame_count} frames",
        )
    return range(start, end)


def shots_of(clip: Clip, span: range, listing: Path | None) -> list[Shot]:
    """The shots of the span, from a list or found; those at its ends are cut to it."""
    if listing is None:
        return footage.find_shots(clip, start=span.start, end=span.stop)
    shots = footage.read_shots(listing, clip)
    inside = [Shot(max(shot.start, span.start), min(shot.end, span.stop)) for shot in shots]
    return [shot for shot in inside if len(shot) > 0]


def stem_of(out: Path) -> str:
    return out.name.replace("%", "").replace("#", "")
