"""How well painted frames are carried through a shot, on scenes whose drawn truth is known exactly."""
