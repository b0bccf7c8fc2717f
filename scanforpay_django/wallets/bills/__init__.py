"""Reading a platform's bill: what every wallet's shapes share. Columns and words are in its wallet's package."""
