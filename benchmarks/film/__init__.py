"""How long a whole film takes, where its time goes, and what that says of seven minutes."""
