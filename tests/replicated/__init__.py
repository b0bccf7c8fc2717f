"""A project that reads from a replica so far behind that it is empty: our tables are there, and no rows."""
