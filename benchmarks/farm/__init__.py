"""What it costs to spread a run, and what it gains."""
