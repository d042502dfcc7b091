"""Live models as generators, and drawing at the speed of a camera: which model a device can run, where it comes
from, the loop, and where its pictures go."""
