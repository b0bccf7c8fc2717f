"""The audit's checks of the ledger."""

from collections import Counter

import pytest

from scanforpay_django.models import OrderEvent, Payment, Posting, PostingMark, Refund, WalletAccount
from scanforpay_django.operations.audit.ledger_checks import LEDGER_CHECKS
from tests.books.ledger import post
from tests.merchant import Merchant
from tests.operations.audit.seeds import (
    LONG_AGO,
    at_once,
    busy,
    codes,
    found,
    is_found_and_repaired,
    long_quiet,
    one,
)
from tests.scripted import platform

__all__ = ["at_once", "busy", "platform"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("code", codes(LEDGER_CHECKS))
def test_what_is_not_posted_is_found_and_posted(busy: Merchant, code: str) -> None:
    is_found_and_repaired(code)


def test_postings_add_up_to_payments_less_refunds(busy: Merchant) -> None:
    WalletAccount.objects.update(fee_rate="0.006")
    post()
    OrderEvent.objects.update(at=LONG_AGO)
    assert found() == {}
    rows: Counter[tuple[int, str]] = Counter()
    for payment in Payment.objects.filter(state="paid"):
        rows[payment.account_id, payment.paid_currency] += payment.paid_amount
    for refund in Refund.objects.filter(state="succeeded").select_related("payment"):
        rows[refund.payment.account_id, refund.currency] -= refund.amount
    ledger: Counter[tuple[int, str]] = Counter()
    for row in Posting.objects.filter(kind__in=["collected", "refunded"]):
        into = row.destination.startswith("platform:")
        ledger[row.account_id, row.currency] += row.amount if into else -row.amount
    assert rows == ledger
    assert sum(rows.values()) > 0


@pytest.mark.parametrize("break_it", [one(Payment, paid_amount=2099), one(Payment, paid_currency="HKD")])
def test_a_payment_that_is_not_as_it_was_posted(busy: Merchant, break_it: object) -> None:
    post()
    OrderEvent.objects.update(at=LONG_AGO)
    break_it()
    assert found()["payment-not-posted"] is False
    assert found(repair=True)["payment-not-posted"] is True
    assert "payment-not-posted" not in found()


def test_what_the_worker_may_still_come_to_is_no_finding(busy: Merchant) -> None:
    assert found() == {}
    PostingMark.objects.begin("events")
    PostingMark.objects.stamp()
    assert found() == {}
    long_quiet()
    assert found().keys() == {"payment-not-posted", "refund-not-posted"}
    # An order is posted as a whole.
    assert found(repair=True) == {"payment-not-posted": True}
    assert found() == {}
