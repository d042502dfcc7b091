"""The clip's sound, synthesised: steps on stone, wind in the leaves, a chord under it all."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np

from .film import RATE, Film, walk
from .texture import Floats, vec

SAMPLE_RATE = 48_000


def soundtrack(film: Film) -> Floats:
    """Stereo sound as long as the film: (samples, 2) float32 in [-1, 1], at `SAMPLE_RATE`."""
    count = round(film.frame_count / RATE * SAMPLE_RATE)
    rng = np.random.default_rng(7)
    mix = 0.05 * _wind(count, rng) + 0.11 * _chord(count)
    for time_s, foot in _footfalls(film.cut / RATE):
        step = _footstep(rng)
        start = round(time_s * SAMPLE_RATE)
        end = min(count, start + step.size)
        near = 0.30 + 0.10 * time_s  # she comes closer
        mix[start:end] += near * step[: end - start, None] * vec([0.55 - 0.06 * foot, 0.45 + 0.06 * foot])
    fade = np.clip(np.minimum(np.arange(count), np.arange(count)[::-1]) / (0.03 * SAMPLE_RATE), 0, 1)
    return np.asarray(np.tanh(mix * fade[:, None].astype(np.float32)), np.float32)


def write_wav(path: Path, sound: Floats) -> None:
    """Write (samples, channels) float sound in [-1, 1] as 16-bit PCM."""
    pcm = np.round(np.clip(sound, -1, 1) * 32767).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(sound.shape[1])
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(pcm.tobytes())


def _footfalls(until_s: float) -> list[tuple[float, int]]:
    """When each foot strikes during the walk (a whole count of the gait), and which: +1 right, -1 left."""
    times = np.arange(0, until_s, 1 / 480)
    gait = np.array([walk(float(time))[1].gait for time in times], np.float64)
    strikes = np.flatnonzero(np.floor(gait[1:]) > np.floor(gait[:-1])) + 1
    return [(float(times[i]), 1 if int(gait[i]) % 2 == 0 else -1) for i in strikes]


def _footstep(rng: np.random.Generator) -> Floats:
    """A heel and then a sole: two short bursts of low-passed noise over a thud."""
    time = np.arange(round(0.22 * SAMPLE_RATE)) / SAMPLE_RATE
    heel = _band(rng.normal(size=time.size), 500, 4200) * np.exp(-time / 0.012)
    late = np.clip(time - 0.055, 0, None)
    sole = _band(rng.normal(size=time.size), 250, 2200) * np.exp(-late / 0.03) * (time > 0.055)
    thud = np.sin(2 * np.pi * 82 * time) * np.exp(-time / 0.03)
    return np.asarray(0.7 * heel + 0.3 * sole + 0.5 * thud, np.float32)


def _wind(count: int, rng: np.random.Generator) -> Floats:
    """Breathing broadband noise, different in each ear."""
    time = np.arange(count) / SAMPLE_RATE
    ears = []
    for ear in range(2):
        gust = 0.65 + 0.35 * np.sin(2 * np.pi * (0.31 * time + 0.2 * ear))
        ears.append(
            (_band(rng.normal(size=count), 120, 900) + 0.35 * _band(rng.normal(size=count), 2500, 7000))
            * gust
        )
    return np.stack(ears, axis=1).astype(np.float32)


def _chord(count: int) -> Floats:
    """Dadd9, slowly swelling: each note two detuned sines, leaning to one ear."""
    time = np.arange(count) / SAMPLE_RATE
    swell = np.clip(time / 1.4, 0, 1) ** 1.5
    out = np.zeros((count, 2))
    for number, hertz in enumerate((146.83, 220.0, 293.66, 369.99, 659.26)):
        lean = 0.5 + 0.25 * np.sin(2.4 * number)
        for ear, share in ((0, 1 - lean), (1, lean)):
            tone = np.sin(2 * np.pi * hertz * (1 + 0.0006 * (1 - 2 * ear)) * time + number)
            out[:, ear] += share * tone / (1 + 0.55 * number)
    return (out * swell[:, None]).astype(np.float32)


def _band(noise: np.ndarray, low_hz: float, high_hz: float) -> Floats:
    """Noise kept between two frequencies, scaled to unit deviation."""
    spectrum = np.fft.rfft(noise)
    hertz = np.fft.rfftfreq(noise.size, 1 / SAMPLE_RATE)
    spectrum *= 1 / (1 + (low_hz / np.maximum(hertz, 1)) ** 4) / (1 + (hertz / high_hz) ** 4)
    kept = np.fft.irfft(spectrum, noise.size)
    return np.asarray(kept / max(float(kept.std()), 1e-9), np.float32)
