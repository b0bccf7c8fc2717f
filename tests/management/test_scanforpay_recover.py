"""``manage.py scanforpay_recover`` as its user calls it, after a part of the database was lost."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from scanforpay_django import clock
from scanforpay_django.books.bill_schedule import reconcile_due
from scanforpay_django.flows.poll_platforms import poll_platforms
from scanforpay_django.models import (
    Difference,
    Order,
    Payment,
    RebuiltOrder,
    Refund,
    RestoreMark,
    WalletAccount,
)
from scanforpay_django.sandbox import moved_clock
from scanforpay_django.sandbox.pay_page import CustomerError
from tests.books.test_bill_schedule import china_today, move_to
from tests.lost_orders import forget_payments, keep_only, lose, notify_again
from tests.wallets.conftest import Till, till_of

__all__ = ["till_of"]
pytestmark = pytest.mark.django_db(transaction=True)
SHOP = {"notifyUrl": "https://shop.example/n"}


@pytest.fixture
def till(till_of: Callable[[str], Till], settings: Any) -> Till:
    settings.SCANFORPAY_REFUND_HOLD_SECONDS = 0
    till = keep_only(till_of("wechat"))
    WalletAccount.objects.update(created_at=clock.now() - timedelta(days=30))
    till.account.refresh_from_db()
    return till


def run(*arguments: Any) -> tuple[str, str]:
    """What it writes, and the error that it ends with."""
    out = StringIO()
    try:
        call_command("scanforpay_recover", *map(str, arguments), stdout=out)
    except CommandError as error:
        return out.getvalue(), str(error)
    return out.getvalue(), ""


def an_hour_ago() -> str:
    return (clock.now() - timedelta(hours=1)).isoformat()


def test_what_was_lost_comes_back_in_three_steps(till: Till) -> None:
    """An open order of the copy was paid since; another was made and paid, and a third was also refunded."""
    kept = till.order(partnerOrderNo="kept", **SHOP)
    assert till.pay(kept) == "paid"
    refunded = till.order(partnerOrderNo="refunded", **SHOP)
    assert till.pay(refunded) == "paid"
    repeated = till.order(partnerOrderNo="repeated", **SHOP)
    assert till.pay(repeated) == "paid"
    number = repeated.payments.get().out_trade_no
    body = {"partnerOrderNo": "refunded", "refundNo": "r1", "orderAmount": 500}
    assert till.merchant.call("/api/common/refund", body)["code"] == 1
    till.sandbox.work()
    forget_payments(kept)
    lose(refunded, repeated)

    out, error = run("--backup-from", an_hour_ago())
    assert error.startswith("the recovery is not over")
    assert "Open orders of the copy: 1 asked about now, 1 lost attempts found." in out
    assert Order.objects.get(pk=kept.pk).state == "paid"
    # A platform repeats a message.
    notify_again(number)
    # Again: nothing is asked twice.
    out, error = run()
    assert "Open orders of the copy: 0 asked about now" in out
    assert "1 made again" in out
    assert error
    # The bill brings the rest: the payment first, then its refund.
    move_to(china_today() + timedelta(days=1), "10:30")
    reconcile_due()
    out, error = run()
    assert (error, Order.objects.filter(state="paid").count()) == ("", 3)
    assert "the recovery has ended" in out
    back = Refund.objects.get()
    assert (back.amount, back.state, back.order.partner_order_no) == (500, "succeeded", "refunded")
    assert {one.source for one in RebuiltOrder.objects.all()} == {"notification", "bill"}
    assert not Difference.objects.open().exists()
    # The merchant repeats its refund: it is the one that was made.
    assert till.merchant.call("/api/common/refund", body)["status"] == 1
    assert [one.refund_no for one in Refund.objects.all()] == ["r1"]
    assert len(till.sandbox.refunds) == 1
    _out, error = run()
    assert error.startswith("say when the copy was made")


def test_an_order_that_its_merchant_repeats_is_not_paid_twice(till: Till) -> None:
    order = till.order(partnerOrderNo="p1", **SHOP)
    assert till.pay(order) == "paid"
    message = order.notifications.get().message_id
    lose(order)
    run("--backup-from", an_hour_ago())
    again = till.order(partnerOrderNo="p1", **SHOP)
    # The customer opens the page, and is asked for nothing.
    with pytest.raises(CustomerError, match="its state is 'paid'"):
        till.pay(again)
    assert len(till.sandbox.trades) == 1
    assert Payment.objects.get().is_applied
    assert again.notifications.get().message_id == message


def test_an_order_that_its_merchant_repeats_does_not_expire_unasked(till: Till) -> None:
    order = till.order(partnerOrderNo="p1", **SHOP)
    assert till.pay(order) == "paid"
    lose(order)
    run("--backup-from", an_hour_ago())
    again = till.order(partnerOrderNo="p1", **SHOP)
    moved_clock.forward(again.expires_at - clock.now() + timedelta(seconds=2))
    poll_platforms()
    again.refresh_from_db()
    assert again.state == "paid"


def test_a_platform_that_does_not_answer_is_said(till: Till) -> None:
    order = till.order()
    till.account.set_secrets({"broken": "x"})
    till.account.save()
    out, error = run("--backup-from", an_hour_ago(), "--per-second", "1000", "--threads", "2")
    assert f"{order.order_no} could not be asked about" in out
    assert "1 orders take no payment" in out
    assert error
    assert RestoreMark.objects.get().asked_at is None


def test_a_request_from_before_the_restore_is_refused(till: Till) -> None:
    sent = clock.host_now() - timedelta(seconds=5)
    run("--backup-from", an_hour_ago())
    body = {"partnerOrderNo": "p9"}
    answer = till.merchant.call("/api/common/payQuery", body, reqTime=sent.isoformat(timespec="seconds"))
    assert answer["code"] == 3
    assert "恢复" in answer["msg"]
    later = (clock.host_now() + timedelta(seconds=2)).isoformat(timespec="seconds")
    assert till.merchant.call("/api/common/payQuery", body, reqTime=later)["code"] != 3


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ((), "say when the copy was made"),
        (("--backup-from", "2026-11-29 03:00"), "not a time with an offset"),
        (("--backup-from", "2099-01-01T00:00:00Z"), "from the future"),
        (("--backup-from", "2020-01-01T00:00:00Z"), "more than 90 days old"),
        (("--per-second", "0"), "more than 0"),
    ],
)
def test_what_cannot_be_meant_is_refused(arguments: tuple[str, ...], error: str) -> None:
    assert error in run(*arguments)[1]
    assert not RestoreMark.objects.exists()


def test_one_recovery_at_a_time(till: Till) -> None:
    first = an_hour_ago()
    run("--backup-from", first)
    assert "repeat that time" in run("--backup-from", an_hour_ago())[1]
    assert run("--backup-from", first)[1].startswith("the recovery is not over")
    assert run("--end") == (
        "The recovery has ended. What the bills still bring stands under Reconciliation.\n",
        "",
    )
    assert RestoreMark.objects.get().ended_at is not None
