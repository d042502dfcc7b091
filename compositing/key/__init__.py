"""Keys a screen: colour difference, projection on the subject's own colours, despill, edges steadied in time."""
