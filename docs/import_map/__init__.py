"""Which module imports which: read from the source, held to the layers, drawn as docs/architecture.svg."""
