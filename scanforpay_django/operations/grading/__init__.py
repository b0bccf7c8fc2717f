"""Thirty notifications that try a shop's notify address out, and what its answers say about it."""
