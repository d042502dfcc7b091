"""How the bundled checkpoint draws: against rendered truth, on real footage, and beside a peer."""
