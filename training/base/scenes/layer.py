"""What an object hands to the renderer: a surface that both the photograph and the drawing are made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

Colour = tuple[float, float, float]
Paint = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Texture:
    """Photographic grain of a surface: a kind of the noise bank, its contrast, grain size and direction.

    `coarse` is how much of its low-frequency part the drawing keeps as shadow shapes.
    """

    kind: str
    strength: float
    scale: float = 1.0
    angle: float = 0.0
    coarse: float = 0.0
    hue: float = 0.0


@dataclass(frozen=True)
class Stroke:
    """An ink line inside a surface (a crease, an eyelash): a line of points with a full width in px.

    `soft` is how dark the same line is in the photograph, as a blurred crease; a `color` (a brow, lips) takes
    the place of ink on both sides.
    """

    points: np.ndarray
    width: float
    taper: bool = True
    soft: float = 0.25
    ink: float = 1.0
    color: Colour | None = None


@dataclass(frozen=True)
class Tint:
    """A soft patch of colour that only the photograph has (a nostril, a blush): an RGB factor."""

    outline: np.ndarray
    factor: Colour
    blur: float


@dataclass(frozen=True)
class Mark:
    """A flat patch of colour that both sides have (a stripe, a pentagon of a football)."""

    outline: np.ndarray
    color: Colour


@dataclass(frozen=True)
class Bump:
    """A Gaussian swelling of the surface (px): the relief of a nose, an eye socket, a lip."""

    centre: tuple[float, float]
    rx: float
    ry: float
    height: float
    angle: float = 0.0
    drawn: bool = False


@dataclass(frozen=True)
class Strands:
    """Hair: strands radiate from a crown, in `locks` wedges around it, with a band of gloss at `band` px.

    `strength` is the contrast of single strands in the photograph, `gloss` that of the band.
    """

    crown: tuple[float, float]
    band: float
    density: float
    strength: float = 0.22
    gloss: float = 0.5
    locks: int = 12


@dataclass(frozen=True)
class Layer:
    """One opaque surface, painted over what was there before.

    Attributes:
        outline: (N, 2) polygon in canvas px, or a list of them (the even-odd rule).
        color: base colour, display-referred sRGB in [0, 1].
        round: radius in px over which the edge is rounded off (inflation); 0 is flat.
        facing: normal of the flat part, pointing to the viewer for (0, 0, 1).
        fold: height in px of folds of cloth.
        line: weight of the ink around it, 0 for none.
        group: boundaries between layers of one group get no line (0: never grouped).
        inside: paint only where the layer below has this group.
        shadow: strength of the shadow it casts on what is behind, in [0, 1].
        reach: length of that shadow in px.
        depth: 0 at the subject, 1 far away; what a shallow lens blurs.
        glow: light of its own, 0 to 1.
        gloss: strength of the highlight, `sharp` how small it is.
        flesh: drawn shadows on it are a little redder.
        veil: not a surface, only a shadow of this strength on what is behind, blurred over `reach`.
        paint: colour fields instead of `color`: (x px, y px) -> (photo RGB, drawn RGB).
    """

    outline: np.ndarray | list[np.ndarray]
    color: Colour
    round: float = 0.0
    facing: tuple[float, float, float] = (0.0, 0.0, 1.0)
    fold: float = 0.0
    fold_angle: float = 0.0
    line: float = 1.0
    group: int = 0
    inside: int = 0
    shadow: float = 0.0
    reach: float = 0.0
    depth: float = 0.0
    glow: float = 0.0
    gloss: float = 0.0
    sharp: float = 24.0
    flesh: bool = False
    veil: float = 0.0
    texture: Texture | None = None
    strands: Strands | None = None
    strokes: list[Stroke] = field(default_factory=list)
    tints: list[Tint] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    bumps: list[Bump] = field(default_factory=list)
    paint: Paint | None = None
