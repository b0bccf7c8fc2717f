"""Two databases: the project's own, and one for what is paid."""

from typing import Any

OURS = {"scanforpay", "scanforpay_sandbox"}


class Router:
    """Our tables are in "payments", all others in "default"."""

    def db_for_read(self, model: Any, **_hints: Any) -> str:
        return "payments" if model._meta.app_label in OURS else "default"

    db_for_write = db_for_read

    def allow_relation(self, *_rows: Any, **_hints: Any) -> bool:
        """Staff are in the other database."""
        return True

    def allow_migrate(self, db: str, app_label: str, **_hints: Any) -> bool:
        return (db == "payments") == (app_label in OURS)
