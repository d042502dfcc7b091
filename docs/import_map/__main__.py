"""Writes docs/architecture.svg: `scripts/map`."""

from docs.import_map.drawing import draw_map
from docs.import_map.graph import ROOT, read_graph, read_modules
from docs.import_map.layers import read_arrows

modules = read_modules()
svg = draw_map(read_arrows(read_graph(modules)), modules)
(ROOT / "docs" / "architecture.svg").write_text(svg, encoding="utf-8")
