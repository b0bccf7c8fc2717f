"""Projects that install the app: made from the table, with the wheel, each paying one order.

``python -m tests.hosts`` writes docs/hosts.md's table from ``table.py``.
"""
