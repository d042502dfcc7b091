"""The documents, and the programs that draw parts of them."""
