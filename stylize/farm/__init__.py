"""One job on many machines: a cluster of workers that this program drives, and jobs for a studio's own farm."""
