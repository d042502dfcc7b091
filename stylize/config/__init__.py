"""What is asked of a run: settings, styles, packs, and the whole of it resolved."""
