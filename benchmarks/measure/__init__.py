"""What the benchmarks share: clips made on the fly, peak memory, and the machine in a line."""
