"""What Python programs call: `stylize` exports these functions by their names."""
