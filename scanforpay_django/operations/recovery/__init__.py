"""After a lost database: what the copy does not know comes back from the platforms, step by step."""
