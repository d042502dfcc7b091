"""The ways to make a segment: drawn in a style, finished frames steadied, or a keyed plate before a backdrop."""

from stylize.jobs.specs.base import BuiltPasses, SegmentContext
from stylize.jobs.specs.drawing import DrawingSpec
from stylize.jobs.specs.plate_comp import PlateCompSpec
from stylize.jobs.specs.steadying import SteadyingSpec

SegmentSpec = DrawingSpec | SteadyingSpec | PlateCompSpec

__all__ = ["BuiltPasses", "DrawingSpec", "PlateCompSpec", "SegmentContext", "SegmentSpec", "SteadyingSpec"]
