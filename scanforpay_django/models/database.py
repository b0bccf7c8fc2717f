"""The database that holds this app's tables: a project's DATABASE_ROUTERS may lead them to another one than its own.

Transactions, locks and what waits for a COMMIT belong to that one.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.db import connections, router, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from scanforpay_django.models.merchant import Partner

_View = TypeVar("_View", bound=Callable[..., Any])


def database() -> str:
    """Its alias."""
    return router.db_for_write(Partner)


def connection() -> BaseDatabaseWrapper:
    """Its connection in this thread."""
    return connections[database()]


def atomic(*, durable: bool = False) -> transaction.Atomic:
    """A transaction there."""
    return transaction.atomic(using=database(), durable=durable)


def on_commit(work: Callable[[], object], *, robust: bool = False) -> None:
    """Call ``work`` after the COMMIT there; at once outside a transaction."""
    transaction.on_commit(work, using=database(), robust=robust)


def non_atomic_requests(view: _View) -> _View:
    """The view, outside of ATOMIC_REQUESTS in every database: it says its own transaction border."""
    for alias in settings.DATABASES:
        view = transaction.non_atomic_requests(using=alias)(view)
    return view
