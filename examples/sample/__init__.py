"""The project's own sample clip: a small scene, rendered in NumPy and OpenCV and nothing else.

    python -m examples.sample OUT.mp4 [--frames A-B] [--width 640 --height 360] [--seconds 3.5]

Two shots stand in for live action: a walk towards a dollying camera, a hard cut, and a close-up. Every
picture and every sound is computed, so the clip is free to share and the same on every machine.

    texture, foliage        surfaces: tileable noise, brick, paving, leaves
    skeleton, head, figure  the person: bones, features, clothes, as signed distances
    scene                   the set: street, wall, trees, sky
    march, light            rays to surfaces, surfaces to light
    camera, lens            rays from pixels; focus, grain and tone
    film                    the shot list, and one finished frame
    sound                   footsteps, wind, a chord
"""
