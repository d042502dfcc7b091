"""python -m stylize.cli: the command line where no `stylize` script is on the path."""

import sys

from stylize.cli import main

sys.exit(main())
