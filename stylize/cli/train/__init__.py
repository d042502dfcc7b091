"""`stylize train`: weights from footage and drawings, and from the project's own renderer."""

from __future__ import annotations

from stylize.cli.command import Commands
from stylize.cli.train import pairs
from stylize.cli.train.base import base
from stylize.cli.train.checkpoint import checkpoint
from stylize.cli.train.controlnet import controlnet
from stylize.cli.train.drawings import drawings
from stylize.cli.train.live import live
from stylize.cli.train.pairs_style import pairs_style
from stylize.cli.train.style import style

app = Commands("Train a style on drawings, a live model on a style, or the bundled checkpoint anew.")
app.add("style", style)
app.add("controlnet", controlnet)
app.add("drawings", drawings)
app.add("live", live)
app.add("pairs-style", pairs_style)
app.add("base", base)
app.add("checkpoint", checkpoint)
app.add_typer(pairs.app, name="pairs")
