"""A merchant whose rows this process remembers, and the statements of a call."""

from collections.abc import Callable, Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from scanforpay_django.models import partner_cache
from tests.merchant import Merchant


def statements(work: Callable[[], object]) -> list[str]:
    """What the database was told."""
    with CaptureQueriesContext(
        connection,
    ) as told:
        work()
    return [query["sql"] for query in told.captured_queries]


@pytest.fixture
def warm(merchant: Merchant) -> Iterator[Merchant]:
    """A merchant whose calls were answered before."""
    assert merchant.create()["code"] == 1
    yield merchant
    partner_cache.forget()
