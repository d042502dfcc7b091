"""The command line: the only place that prints and exits. One file a command group.

Results go to stdout, everything else to stderr. Nothing heavy is imported until a command needs it.
"""

from stylize.cli.entry import main

__all__ = ["main"]
