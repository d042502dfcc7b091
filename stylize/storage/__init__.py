"""Where frames lie: the store, and the folders or buckets under it."""
