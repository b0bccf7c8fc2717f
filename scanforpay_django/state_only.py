"""Migrations that change what Django makes of tables, and no table."""

from typing import Any

from django.db.migrations.operations import SeparateDatabaseAndState


class StateOnly(SeparateDatabaseAndState):
    """Many operations on the state at once.

    Django renders models anew after each of them where it has rendered any, which takes a quarter of a second each:
    here once, when they are next needed.
    """

    def __init__(self, operations: Any) -> None:
        super().__init__(state_operations=operations)

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Apply all of them to the descriptions of the models."""
        state.__dict__.pop("apps", None)
        super().state_forwards(app_label, state)

    def deconstruct(self) -> Any:
        """For Django's own writer of migrations."""
        return type(self).__name__, [self.state_operations], {}
