"""Keys a screen: colour difference, projection on the subject's own colours, despill, edges steadied in time.

from compositing.key.keyer import KeySettings, ScreenKeyer
keyer = ScreenKeyer(samples, KeySettings(screen="auto"))
for keyed in keyer.key(frames):  # display-referred RGB in; keyed.premult (scene-linear) and keyed.alpha out
    ...
"""
