"""How much flicker `deflicker` removes, and what it costs, on scenes whose truth is known exactly."""
