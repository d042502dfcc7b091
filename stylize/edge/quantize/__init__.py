"""From a checkpoint to an export, on a machine with torch: graphs, calibration, quantization, files, checks."""
