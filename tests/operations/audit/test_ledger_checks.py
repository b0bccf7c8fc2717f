"""The audit's checks of the ledger."""

from collections import Counter

import pytest

from scanforpay_django.books.bill_fees import post_bill
from scanforpay_django.models import (
    BillFile,
    OrderEvent,
    Payment,
    Posting,
    PostingMark,
    Refund,
    WalletAccount,
)
from scanforpay_django.operations.audit import audit
from scanforpay_django.operations.audit.ledger_checks import LEDGER_CHECKS
from tests.books.bills import account_of
from tests.books.fee_bills import NOON, bring, line
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
from tests.operations.figures.calendar import At, at, make, open_page, pay
from tests.scripted import platform

__all__ = ["at", "at_once", "busy", "platform"]
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


def test_a_bills_fees_that_are_not_what_its_lines_say(merchant: Merchant, at: At) -> None:
    at(NOON)
    merchant.store.wallet_accounts.update(fee_rate="0.006")
    payments = [open_page(make(merchant.store)) for _number in range(5)]
    for payment in payments:
        pay(payment)
        payment.refresh_from_db()
    post()
    bill = bring(account_of(merchant), [line(one, "0.12600") for one in payments])

    def codes_found(*, repair: bool = False) -> dict[str, bool]:
        return {one.check.code: one.is_repaired for one in audit(checks=LEDGER_CHECKS, repair=repair)}

    assert codes_found() == {}
    post_bill(bill)
    assert codes_found() == {}
    # The bill's own total is 0.63: 65 less a rounding of 2.
    bill.lines.filter(out_trade_no=payments[0].out_trade_no).update(fee="0.13600")
    assert codes_found() == {"bill-fees-not-posted": False}
    assert codes_found(repair=True) == {"bill-fees-not-posted": True}
    assert codes_found() == {}
    at("2026-11-02 13:00:00")
    BillFile.objects.update(fees_posted_at=None)
    assert codes_found() == {"bill-fees-not-posted": False}


def test_of_a_bill_whose_orders_were_archived_nothing_is_said(merchant: Merchant, at: At) -> None:
    at(NOON)
    payment = open_page(make(merchant.store))
    pay(payment)
    payment.refresh_from_db()
    post()
    post_bill(bring(account_of(merchant), [line(payment, "0.12600")]))
    Payment.objects.update(out_trade_no="archived")
    assert [one.check.code for one in audit(checks=LEDGER_CHECKS)] == []
