"""The wallets of this package for projects that pay with django-payments."""
