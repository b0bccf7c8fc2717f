"""The whole house."""

from tests.house import house, merchant, phones, shop

__all__ = ["house", "merchant", "phones", "shop"]
