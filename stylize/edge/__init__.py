"""Drawing from exports: networks in ONNX files, quantized or not, that run without torch.

    quantize/   on a workstation: makes an export of a checkpoint (torch, AIMET)
    report/     compares an export with float, on a page
    manifest    what an export is
    export      copies one into a folder to take elsewhere
    library     where exports of this machine lie
    targets     what exports are made for, and `gate` whether they draw well enough
    engines/    ONNX Runtime and OpenVINO
    samplers/   noise schedules and solvers, in numpy
    generator   draws frames from an export

Only `quantize` and `report` import torch.
"""
