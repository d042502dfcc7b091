"""The project's own green-screen shot: an actor before an uneven screen with tracking marks, the truth known.

`python -m examples.greenscreen OUT.mp4` renders it; every pixel comes from this code. The world is the camera
record's: metres, right-handed, Y up; the first camera looks along -Z.
"""
