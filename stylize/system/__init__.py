"""This machine: its processor, memory and packages, and what they can do."""
