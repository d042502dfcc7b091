"""Pages that need nothing but themselves: one HTML file, with its pictures, its film, its script and its style."""
