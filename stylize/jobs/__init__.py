"""What will be made: jobs, their cost, batch files, and the manifest that a worker reads."""
