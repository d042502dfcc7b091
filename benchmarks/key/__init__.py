"""How well screens are keyed, against rendered shots whose foreground and alpha are known."""
