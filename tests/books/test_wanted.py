"""Which postings are to stand; tests/books/test_postings.py compares them with those that do."""

import pytest

from scanforpay_django.books.wanted import find_ends, find_wanted
from scanforpay_django.models import Refund, Store
from tests.operations.figures.calendar import make, open_page, pay, refund, store

__all__ = ["store"]


@pytest.mark.django_db
def test_refunds_count_in_the_order_of_their_arrival(store: Store) -> None:
    order = make(store)
    payment = open_page(order)
    pay(payment)
    payment.refresh_from_db()
    late, early = refund(payment, 700), refund(payment, 1400)
    Refund.objects.filter(pk=late.pk).update(finished_at=early.finished_at.replace(year=2031))
    refunds = list(Refund.objects.order_by("pk"))
    found = [one.key[1:] for one in find_wanted(order, [payment], refunds, {payment.pk: None})]
    assert found == [
        (payment.pk, "collected"),
        (late.pk, "requested"),
        (early.pk, "requested"),
        (early.pk, "refunded"),
        (late.pk, "refunded"),
    ]


@pytest.mark.django_db
def test_what_failed_ends_when_it_failed(store: Store) -> None:
    payment = open_page(make(store))
    pay(payment)
    payment.refresh_from_db()
    failed = refund(payment, 700, state=Refund.State.FAILED)
    refund(payment, 700)
    assert find_ends(list(Refund.objects.all())) == {("refund", failed.pk, "requested"): failed.finished_at}
