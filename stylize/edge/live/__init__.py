"""Live models: small networks that draw a frame in one call, from an exported file and without torch."""
