"""What the staff desk's overview shows, read in at most ten statements."""
