"""Drawing on the edge: exported networks, quantized or not, run without torch.

    build/      on a workstation: a checkpoint becomes an export (torch, AIMET)
    manifest    what an export is
    engines/    ONNX Runtime and OpenVINO
    samplers/   the noise levels and solvers, in numpy
    painter     draws frames from an export
    library     where exports of this machine lie
    roads       which runtime is the fastest here that draws well enough

Only `build` imports torch.
"""
