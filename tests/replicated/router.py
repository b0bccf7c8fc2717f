"""One database for writing, and one for reading."""

from typing import Any

OURS = {"scanforpay", "scanforpay_sandbox"}


class Router:
    """Our reads go to "replica". The project's own tables stay out of it: its replica is not so far behind."""

    def db_for_read(self, model: Any, **_hints: Any) -> str:
        return "replica" if model._meta.app_label in OURS else "default"

    def db_for_write(self, model: Any, **_hints: Any) -> str:
        return "default"

    def allow_relation(self, *_rows: Any, **_hints: Any) -> bool:
        return True
