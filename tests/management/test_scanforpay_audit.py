"""The command scanforpay_audit."""

import contextlib
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from scanforpay_django import clock
from scanforpay_django.flows.refund_order import RequestedRefund, request_refund
from scanforpay_django.models import Order, Payment, PlatformNotification, Refund
from scanforpay_django.operations.audit import ALL_CHECKS
from tests.causes import API
from tests.merchant import Merchant
from tests.operations.audit.seeds import at_once, busy, one
from tests.platform import AlipayNotice, accepted, give_credentials, open_payment
from tests.scripted import platform

__all__ = ["at_once", "busy", "platform"]
pytestmark = pytest.mark.django_db(transaction=True)


def test_the_command_says_what_it_found(busy: Merchant) -> None:
    told = StringIO()
    call_command("scanforpay_audit", stdout=told)
    assert told.getvalue() == f"Looked at all rows.\n{len(ALL_CHECKS)} checks: 0 failed, 0 repaired\n"
    one(Order, paid_at=None)()
    one(Order, refunded_amount=0)()
    told = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("scanforpay_audit", repair=True, stdout=told)
    assert ended.value.code == 1
    assert "repaired paid-without-date: order" in told.getvalue()
    assert "FAILED order-refund-figure: order" in told.getvalue()
    call_command("scanforpay_audit", check=["paid-without-date"], stdout=told)
    with pytest.raises(CommandError, match="no such check: x"):
        call_command("scanforpay_audit", check=["x"])
    call_command("scanforpay_audit", list=True, stdout=told)
    assert "paid-but-not-notified (invariant 3, repaired with --repair)" in told.getvalue()


def test_one_of_each_that_stands_still_is_named(platform_merchant: Merchant) -> None:
    """A refund that cannot end, a trade without a readable amount, one that went back and is called paid here, and a
    message that cannot be right.
    """
    merchant, past = platform_merchant, clock.now() - timedelta(days=30)
    stuck, incomplete, returned, odd = (open_payment(merchant, "Alipay") for _ in range(4))
    for number, payment in enumerate((stuck, returned)):
        assert accepted("Alipay", AlipayNotice(payment, changes={"notify_id": f"paid-{number}"}).send())
    # 5: a refund that its platform has not ended for a month
    request_refund(stuck.order, RequestedRefund(refund_no="r1", amount=700, cause=API))
    Refund.objects.update(state="unknown", created_at=past, sent_at=past)
    # 7: paid, but nobody can read how much; its time is up
    AlipayNotice(incomplete, changes={"notify_id": "a", "total_amount": "much"}).send()
    Payment.objects.filter(pk=incomplete.pk).update(expires_at=past)
    PlatformNotification.objects.filter(event_id="a").update(received_at=past)
    # 8: all of it went back there; the figures here were lost
    whole = {"notify_id": "b", "refund_fee": "21.00", "trade_status": "TRADE_CLOSED"}
    AlipayNotice(returned, changes=whole).send()
    Payment.objects.filter(pk=returned.pk).update(refunded_amount=0)
    # 10: a date of the year 1
    AlipayNotice(odd, changes={"notify_id": "c", "gmt_payment": "0001-01-01 00:00:00"}).send()
    told = StringIO()
    with pytest.raises(SystemExit):
        call_command("scanforpay_audit", stdout=told)
    found = told.getvalue()
    for code in (
        "refund-overdue",
        "payment-overdue",
        "returned-but-called-paid",
        "platform-message-not-applied",
        "flag-not-cleared",
    ):
        assert f"FAILED {code}: " in found, found


@pytest.fixture
def platform_merchant(merchant: Merchant) -> Merchant:
    """With keys on both sides."""
    give_credentials(merchant)
    return merchant


def audit(**options: object) -> str:
    told = StringIO()
    with contextlib.suppress(SystemExit):
        call_command("scanforpay_audit", stdout=told, **options)
    return told.getvalue()


def test_the_next_run_begins_where_the_last_one_ended(
    busy: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scanforpay_django.operations.audit.extent.OVERLAP", 0)
    one(Order, paid_at=None)()
    # of everything, since there was none before
    told = audit(since="last")
    assert "Looked at all rows." in told
    assert "1 failed" in told
    # what failed is looked at again, though it is old
    told = audit(since="last")
    assert "Looked at rows since the last run (none), at orders that changed since" in told
    assert "FAILED paid-without-date" in told
    assert "1 repaired" in audit(since="last", repair=True)
    one(Order, refunded_amount=0)()
    assert "0 failed" in audit(since="last")
    # one check alone moves no mark, and neither does a date
    new = Order.objects.get(pk=open_payment(busy, "Wechat").order_id)
    Order.objects.filter(pk=new.pk).update(paid_at=clock.now())
    assert "0 failed" in audit(since="last", check=["paid-without-date"])
    assert "FAILED order-refund-figure" in audit(since=str(timezone.localdate(clock.now())))
    told = audit(since="last")
    assert f"(order {new.pk} to {new.pk}, " in told
    assert "FAILED dated-but-not-paid" in told
    assert "FAILED order-refund-figure" in audit(all=True)


def test_a_date_that_is_none_is_refused(busy: Merchant) -> None:
    for text in ("yesterday", "2026-02-30", "0001-01-01T00:00+14:00:00", "", "9" * 40):
        with pytest.raises(CommandError, match="--since takes a date"):
            call_command("scanforpay_audit", since=text)
    with pytest.raises(CommandError, match="not allowed with"):
        call_command("scanforpay_audit", "--all", "--since", "last")
    assert "Looked at rows since 2026-11-01T10:00" in audit(since="2026-11-01T10:00")
