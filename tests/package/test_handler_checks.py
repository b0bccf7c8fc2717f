"""A handler in a transaction needs its app's rows in our database."""

from collections.abc import Iterator
from typing import Any

import pytest

from scanforpay_django import handlers
from scanforpay_django.handler_checks import check_handlers


class Elsewhere:
    """Keeps the demo shop's rows in another database."""

    def db_for_write(self, model: Any, **_: Any) -> str | None:
        return "sales" if model._meta.app_label == "shop" else None


@pytest.fixture
def registered() -> Iterator[Any]:
    """A function of the demo shop's."""
    made: list[Any] = []

    def register(*, atomic: bool) -> None:
        def ship(_order: object) -> None:
            """A handler."""

        ship.__module__, ship.__qualname__ = "demo_project.shop.views", "ship"
        handlers.register(handlers.ON_PAID, ship, atomic=atomic)
        made.append(ship)

    yield register
    for function in made:
        handlers.unregister(handlers.ON_PAID, function)


def test_rows_in_another_database_are_refused_for_a_handler_in_a_transaction(
    registered: Any, settings: Any
) -> None:
    registered(atomic=True)
    assert check_handlers() == []
    settings.DATABASE_ROUTERS = [f"{__name__}.Elsewhere"]
    (found,) = check_handlers()
    assert found.id == "scanforpay.E038"
    assert "demo_project.shop.views.ship" in found.msg
    assert "sales" in found.msg
    assert "on_paid(atomic=False)" in str(found.hint)


def test_a_handler_that_calls_out_may_keep_its_rows_anywhere(registered: Any, settings: Any) -> None:
    settings.DATABASE_ROUTERS = [f"{__name__}.Elsewhere"]
    registered(atomic=False)
    assert check_handlers() == []
