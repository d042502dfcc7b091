"""Part of a clip beside its film as a small animation: python -m examples.moving_picture CLIP FILM OUT.webp"""

import sys
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from stylize import footage

WIDTH_PX, EVERY, MOST = 360, 2, 24

if __name__ == "__main__":
    clips = [footage.probe(Path(word)) for word in sys.argv[1:3]]
    pictures = []
    for frames in zip(*map(footage.read_frames, clips), strict=False):
        if frames[0].index % EVERY == 0 and len(pictures) < MOST:
            size = (WIDTH_PX, round(WIDTH_PX * clips[0].height / clips[0].width))
            pair = [cv2.resize(frame.pixels, size, interpolation=cv2.INTER_AREA) for frame in frames]
            codes = np.rint(np.clip(np.concatenate(pair, axis=1), 0, 1) * 255).astype(np.uint8)
            pictures.append(Image.fromarray(codes))
    pause_ms = round(1000 * EVERY / float(clips[0].rate))
    pictures[0].save(
        sys.argv[3],
        save_all=True,
        append_images=pictures[1:],
        duration=pause_ms,
        loop=0,
        quality=70,
        method=6,
    )
