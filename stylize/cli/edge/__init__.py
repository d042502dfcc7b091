"""`stylize edge`: networks for devices without torch: quantized, exported and compared with float."""

from __future__ import annotations

from stylize.cli.command import Commands
from stylize.cli.edge.export import export
from stylize.cli.edge.publish import publish
from stylize.cli.edge.quantize import quantize
from stylize.cli.edge.report import report

app = Commands("Quantize and export networks for devices without torch, and see what it costs.")
app.add("quantize", quantize)
app.add("export", export)
app.add("report", report)
app.add("publish", publish)
