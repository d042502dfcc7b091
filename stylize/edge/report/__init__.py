"""What an export costs in quality, part by part, on a page."""
