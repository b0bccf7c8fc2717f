"""Examining an installation: what is ready, what is set wrongly, and how to mend it."""
