"""The staff desk's figures: read from the rows, kept by day."""
