"""The live view as a page: the browser's own camera, drawn by a live model in the browser itself."""
