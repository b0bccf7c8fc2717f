"""Closed orders, with everything that belongs to them, moved from the database to a file and back."""
