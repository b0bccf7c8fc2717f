"""The statements that make an order paid."""

import re
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from scanforpay_django.models import Payment, PlatformNotification
from scanforpay_django.models.settling_queries import count_repeat, lock_trade, record_paid
from tests.merchant import Merchant
from tests.platform import WeChatNotice, accepted, merchant, open_payment
from tests.threads import raced

__all__ = ["merchant"]

pytestmark = pytest.mark.django_db(transaction=True)


def values(row: Any) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_a_trade_is_found_with_all_that_settling_needs(merchant: Merchant) -> None:
    payment = open_payment(merchant, "Wechat", notifyUrl="https://shop.example/n")
    with CaptureQueriesContext(connection) as captured, transaction.atomic():
        found = lock_trade(payment.account_id, payment.out_trade_no)
        assert found is not None
        for row in (found, found.order, found.order.store, found.order.partner):
            assert values(row) == values(type(row)._default_manager.get(pk=row.pk))
    told = [query["sql"] for query in captured if re.match(r"SELECT [opsm]\.", query["sql"])]
    # MariaDB cannot say which tables a statement locks.
    assert len(told) == (4 if connection.vendor == "mysql" else 1)


@pytest.mark.parametrize("number", ["", "x", "é", "A" * 28])
def test_a_trade_that_is_not_known(merchant: Merchant, number: str) -> None:
    payment = open_payment(merchant, "Wechat")
    with transaction.atomic():
        assert lock_trade(payment.account_id, number) is None
        assert lock_trade(payment.account_id + 1, payment.out_trade_no) is None


def paid(payment: Payment, *, is_applied: bool) -> None:
    payment.state, payment.trade_no, payment.paid_amount = "paid", "42", payment.amount
    payment.is_applied, payment.is_unapplied = is_applied, not is_applied
    record_paid(payment)


@pytest.mark.parametrize(("is_applied", "sibling"), [(True, "closing"), (False, "open")])
def test_only_an_applied_payment_closes_the_others(
    merchant: Merchant, is_applied: bool, sibling: str
) -> None:
    payment = open_payment(merchant, "Wechat")
    columns = {"order": payment.order, "account": payment.account, "amount": 2100, "currency": "CNY"}
    columns["expires_at"] = payment.expires_at
    other, closed = (Payment.objects.create(state=state, **columns) for state in ("open", "closed"))
    stranger = open_payment(merchant, "Wechat")
    paid(payment, is_applied=is_applied)
    states = dict(Payment.objects.values_list("pk", "state"))
    assert states == {payment.pk: "paid", other.pk: sibling, closed.pk: "closed", stranger.pk: "open"}
    other.refresh_from_db()
    assert (other.next_query_at is not None) == is_applied
    assert (other.trade_no, other.paid_amount, other.is_applied) == ("", None, False)


def test_a_repeat_counts_and_the_first_outcome_stays(merchant: Merchant) -> None:
    payment = open_payment(merchant, "Wechat")
    assert not count_repeat(payment.account_id, "e", payment.pk, "applied")
    PlatformNotification.objects.create(account=payment.account, event_id="e", body="", outcome="unknown")
    outcomes = []
    for outcome in ("already_applied", "", "applied", "unknown", "already_applied"):
        assert count_repeat(payment.account_id, "e", payment.pk, outcome)
        outcomes.append(PlatformNotification.objects.get().outcome)
    assert outcomes == ["unknown", "unknown", "applied", "applied", "applied"]
    assert PlatformNotification.objects.get().times_seen == 6


@pytest.mark.row_locks
def test_an_attempt_that_begins_while_another_is_paid_is_closed(merchant: Merchant) -> None:
    """The one that settles waits for the order's lock, and then sees what the other has written meanwhile."""
    payment = open_payment(merchant, "Wechat")
    columns = {"order": payment.order, "account": payment.account, "amount": 2100, "currency": "CNY"}
    columns["expires_at"] = payment.expires_at

    def begin() -> None:
        with transaction.atomic():
            order = type(payment.order).objects.select_for_update().get(pk=payment.order_id)
            if order.state == "pending":
                Payment.objects.create(state="open", **columns)

    def settle() -> None:
        assert accepted("Wechat", WeChatNotice(payment).send())

    works = [settle, begin, begin, begin]
    assert len(raced(4, lambda: works.pop()())) == 4
    payment.refresh_from_db()
    assert payment.is_applied
    states = set(Payment.objects.exclude(pk=payment.pk).values_list("state", flat=True))
    assert states <= {"closing"}
