"""Measured claims: each package here prints a table when run as a module."""
