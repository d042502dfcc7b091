"""Steadies a film that was stylized frame by frame: arrays in, arrays out.

    from deflicker import SteadySettings, steady
    for frame in steady(stylized, source, shots=[(0, 48), (48, 120)]):
        ...

Frames are float32 RGB, (height, width, 3), in [0, 1]; a shot is a half-open range of frames.

    steady          a whole film, as a stream
    steady_part     any frames of one shot: the same result, to the bit
    steady_frame    one frame of it
    glide           a frame between two drawings, from the photographed motion
    unstable        which drawings do not belong between their neighbours; `repair` mends one
    choose_backend  the engine and the flow for a device: engine, flow = choose_backend("cuda").load(384)

`deflicker.keyframes` carries painted frames through their shot. `deflicker.metrics` measures what flicker is left
and what sharpness was lost. torch is loaded when something needs it: `TorchEngine`, `RAFT`, `deflicker.lpips`.
"""

from deflicker.carry import glide
from deflicker.devices import SteadyBackend, choose_backend
from deflicker.engine import Engine, OpenCVEngine
from deflicker.flow import DIS, Flow
from deflicker.judge import FrameJudge, Verdict, unstable
from deflicker.raft import RAFT
from deflicker.registered import RegisteredDIS
from deflicker.repair import Repaired, repair
from deflicker.settings import SteadySettings
from deflicker.steady import steady, steady_frame, steady_part
from deflicker.torch_engine import TorchEngine

__all__ = [
    "DIS",
    "RAFT",
    "Engine",
    "Flow",
    "FrameJudge",
    "OpenCVEngine",
    "RegisteredDIS",
    "Repaired",
    "SteadyBackend",
    "SteadySettings",
    "TorchEngine",
    "Verdict",
    "choose_backend",
    "glide",
    "repair",
    "steady",
    "steady_frame",
    "steady_part",
    "unstable",
]
