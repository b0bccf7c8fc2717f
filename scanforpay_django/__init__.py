"""Wallet payments on the phone for a Django project: a signed merchant API, hosted pay pages, and an admin.

``docs/architecture.md`` draws the layers and ``docs/glossary.md`` defines the words that code, admin and docs share.
Amounts are integers in the currency's minor unit, durations end in ``_seconds``, times are aware UTC.

PYTEST_DONT_REWRITE
"""

# pytest wants to rewrite the assertions of whatever brings a plugin, and warns when it was imported before: by a test
# runner of the project's that starts pytest after Django.

__version__ = "0.1.0"
