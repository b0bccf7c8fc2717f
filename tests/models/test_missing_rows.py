"""Inserting what is not there yet, alike on every database."""

import pytest
from django.db import DataError, IntegrityError, transaction

from scanforpay_django.models import Endpoint, HandlerCall
from scanforpay_django.models.missing_rows import create_missing
from tests.rows import Rows

pytestmark = pytest.mark.django_db(transaction=True)

SHOP = "https://shop.example"


def test_a_row_that_is_there_stays_as_it_is(rows: Rows) -> None:
    partner = rows.partner()
    known = Endpoint.objects.create(partner=partner, key="k", origin=SHOP, cap=8)
    again = Endpoint(partner=partner, key="k", origin=SHOP, cap=64)
    new = Endpoint(partner=partner, key="l", origin=f"{SHOP}:8443")
    create_missing(Endpoint.objects.all(), [again, new], unique=["key"])
    known.refresh_from_db()
    assert known.cap == 8
    assert Endpoint.objects.count() == 2


@pytest.mark.row_locks
def test_a_value_that_is_too_long_is_refused_and_not_cut(rows: Rows) -> None:
    too_long = Endpoint(partner=rows.partner(), key="k" * 300, origin=SHOP)
    with pytest.raises(DataError):
        create_missing(Endpoint.objects.all(), [too_long], unique=["key"])
    assert not Endpoint.objects.exists()


def test_a_row_that_belongs_to_nothing_is_refused() -> None:
    stray = HandlerCall(order_id=4711, event="paid", handler="a.b")
    # SQLite and PostgreSQL look at the COMMIT.
    with pytest.raises(IntegrityError), transaction.atomic():
        create_missing(HandlerCall.objects.all(), [stray], unique=["order", "event", "subject", "handler"])
