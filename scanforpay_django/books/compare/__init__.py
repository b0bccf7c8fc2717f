"""Comparing a bill with the payments and refunds that are here: what agrees is found by the database, in a few
statements for a whole file; what does not is looked at line by line.
"""
