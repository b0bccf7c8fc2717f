"""Merchant notifications: ``outbox`` writes them, ``delivery`` sends them."""
