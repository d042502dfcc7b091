"""What length and number cost: a long film, many jobs, many photographs, each in one process."""
