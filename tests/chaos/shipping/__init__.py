"""A shop's app for the handler storm: its handler writes a row, and sometimes raises."""
