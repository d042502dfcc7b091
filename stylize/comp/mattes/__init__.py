"""Where mattes come from: a screen, a network, or files; and the film that is keyed with them."""
