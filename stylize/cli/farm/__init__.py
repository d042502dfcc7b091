"""`stylize farm`: one job on many machines."""

from __future__ import annotations

import typer

from stylize.cli.farm.export import export
from stylize.cli.farm.retry import retry
from stylize.cli.farm.run import run
from stylize.cli.farm.status import status
from stylize.cli.farm.submit import submit

app = typer.Typer(
    help="Spread jobs over many machines: a Ray cluster, or a studio's own farm.", no_args_is_help=True
)
app.command("run")(run)
app.command("submit")(submit)
app.command("export")(export)
app.command("status")(status)
app.command("retry")(retry)
