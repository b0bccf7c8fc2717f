"""Storms: the house is hit, and every event is accounted for. Each module is a command of its own."""
