"""Subject and backdrop become one picture: linear, premultiplied, with a common light, line and grain."""

from compositing.merge.grain import add_grain, grain, grain_level
from compositing.merge.lines import line_weight, match_lines
from compositing.merge.silhouette import Silhouette, follow_silhouette
from compositing.merge.subject import MergeSettings, merge_subject

__all__ = [
    "MergeSettings",
    "Silhouette",
    "add_grain",
    "follow_silhouette",
    "grain",
    "grain_level",
    "line_weight",
    "match_lines",
    "merge_subject",
]
