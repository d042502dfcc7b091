"""`stylize farm`: one job on many machines."""

from __future__ import annotations

from stylize.cli.command import Commands
from stylize.cli.farm.export import export
from stylize.cli.farm.retry import retry
from stylize.cli.farm.run import run
from stylize.cli.farm.status import status
from stylize.cli.farm.submit import submit

app = Commands("Spread jobs over many machines: a Ray cluster, or a studio's own farm.")
app.add("run", run)
app.add("submit", submit)
app.add("export", export)
app.add("status", status)
app.add("retry", retry)
