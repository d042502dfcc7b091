"""The studio: a page in the browser on which somebody who has never used a terminal makes a shot.

Pages are HTML that the server writes (Starlette, with the markup of `stylize.report.page`), and one small script
that refreshes what changes. Whatever the studio makes, it makes by running a command of `stylize` in the project's
folder, and shows that command: so a stopped studio loses nothing, and everything can be done again in a terminal.
"""
