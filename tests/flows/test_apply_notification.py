"""A payment and the message that told of it: one transaction, few statements, and the message is always kept."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import DatabaseError, InterfaceError, connection
from django.db.backends.utils import CursorWrapper

from scanforpay_django import clock, handlers
from scanforpay_django.flows import apply_notification, apply_payment
from scanforpay_django.models import Flag, HandlerCall, Notification, Order, Payment, PlatformNotification
from scanforpay_django.wallets.base import PaymentResult, TradeState, VerifiedNotification
from tests.merchant import Merchant
from tests.models.warm import statements
from tests.platform import AlipayNotice, WeChatNotice, accepted, merchant, open_payment, refused

__all__ = ["merchant"]

pytestmark = pytest.mark.django_db(transaction=True)

NOTICES = [("Wechat", WeChatNotice), ("Alipay", AlipayNotice)]
BORDERS = ("BEGIN", "COMMIT", "SET TRANSACTION")
# MariaDB locks order and payment one after the other, and reads who they belong to apart.
STEPS = 3 if connection.vendor == "mysql" else 0


def told(work: Callable[[], Any]) -> tuple[int, int]:
    """Statements, and commits."""
    found = statements(work)
    return sum(1 for one in found if not one.startswith(BORDERS)), found.count("COMMIT")


@pytest.fixture
def open_one(merchant: Merchant) -> Callable[[str], Payment]:
    """Payments of accounts that this process has notified before."""

    def make(wallet: str) -> Payment:
        # The first makes the key of the derived numbers.
        for number in ("0", "00"):
            before = open_payment(merchant, wallet, notifyUrl="https://shop.example/n")
            notice = dict(NOTICES)[wallet](before)
            if wallet == "Wechat":
                notice.event_id = number
            else:
                notice.changes = {"notify_id": number}
            assert accepted(wallet, notice.send())
        return open_payment(merchant, wallet, notifyUrl="https://shop.example/n")

    return make


@pytest.mark.parametrize(("wallet", "notice"), NOTICES)
def test_a_payment_is_six_statements_and_one_commit(open_one: Any, wallet: str, notice: type) -> None:
    payment = open_one(wallet)
    assert told(lambda: notice(payment).send()) == (6 + STEPS, 1)
    payment.refresh_from_db()
    assert payment.is_applied
    assert Notification.objects.filter(order=payment.order).count() == 1
    assert PlatformNotification.objects.filter(payment=payment, outcome="applied").count() == 1


def ship(_order: Order) -> None: ...


def bill(_order: Order) -> None: ...


@pytest.fixture
def two_handlers() -> Iterator[None]:
    for function in (ship, bill):
        handlers.register(handlers.ON_PAID, function, atomic=True)
    yield
    for function in (ship, bill):
        handlers.unregister(handlers.ON_PAID, function)


def test_handlers_cost_no_statement_where_one_may_write_two_tables(open_one: Any, two_handlers: None) -> None:
    payment = open_one("Wechat")
    assert told(WeChatNotice(payment).send) == (6 if connection.vendor == "postgresql" else 7 + STEPS, 1)
    calls = HandlerCall.objects.filter(order=payment.order)
    assert sorted(call.handler.rpartition(".")[2] for call in calls) == ["bill", "ship"]
    assert Notification.objects.filter(order=payment.order).count() == 1


@pytest.mark.parametrize("notify_url", ["https://shop.example/n", ""])
def test_handlers_rows_are_as_the_orm_writes_them(
    merchant: Merchant, two_handlers: None, notify_url: str
) -> None:
    payment = open_payment(merchant, "Wechat", notifyUrl=notify_url)
    assert accepted("Wechat", WeChatNotice(payment).send())
    own = HandlerCall(order=payment.order, event=handlers.ON_PAID, handler=f"{__name__}.ship")
    written = HandlerCall.objects.get(handler=own.handler)
    assert written.created_at <= written.next_at <= clock.now()
    own.pk, own.created_at, own.next_at = written.pk, written.created_at, written.next_at
    fields = [field.attname for field in HandlerCall._meta.concrete_fields]
    assert [getattr(written, name) for name in fields] == [getattr(own, name) for name in fields]
    assert HandlerCall.objects.count() == 2


@pytest.mark.parametrize(("wallet", "notice"), NOTICES)
def test_a_repeat_is_two_statements_at_most(
    open_one: Any, wallet: str, notice: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = open_one(wallet)
    assert accepted(wallet, notice(payment).send())
    # The process that applied it knows the words.
    message = notice(payment)
    assert told(message.send) == (1, 0)
    monkeypatch.setattr(apply_notification, "_recent_events", apply_notification._RecentEvents())
    assert told(message.send) == (2 + STEPS, 1)
    assert PlatformNotification.objects.get(payment=payment).times_seen == 3


def test_the_same_event_in_other_words_is_looked_at(open_one: Any) -> None:
    payment = open_one("Alipay")
    assert accepted("Alipay", AlipayNotice(payment).send())
    returned = {"refund_fee": "21.00", "gmt_refund": "2026-11-23 11:00:00"}
    assert accepted("Alipay", AlipayNotice(payment, changes=returned).send())
    payment.refresh_from_db()
    assert payment.refunded_amount == 2100


def test_a_database_that_lost_the_row_has_it_applied_again(open_one: Any) -> None:
    """A copy was restored under a process that goes on."""
    payment = open_one("Wechat")
    notice = WeChatNotice(payment)
    assert accepted("Wechat", notice.send())
    PlatformNotification.objects.filter(payment=payment).delete()
    Notification.objects.filter(order=payment.order).delete()
    Order.objects.filter(pk=payment.order_id).update(state="pending", paid_at=None)
    Payment.objects.filter(pk=payment.pk).update(
        state="open", trade_no="", is_applied=False, paid_amount=None
    )
    assert accepted("Wechat", notice.send())
    payment.refresh_from_db()
    assert payment.is_applied
    assert PlatformNotification.objects.get(payment=payment).times_seen == 1


@pytest.mark.parametrize("error", [DatabaseError("disk full"), InterfaceError("closed"), KeyError("ours")])
def test_a_message_is_kept_when_applying_fails(
    open_one: Any, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    payment = open_one("Wechat")
    notice = WeChatNotice(payment)

    def fail(*_: Any, **__: Any) -> None:
        raise error

    with monkeypatch.context() as broken:
        broken.setattr(apply_payment, "enqueue", fail)
        if isinstance(error, (DatabaseError, InterfaceError)):
            assert refused("Wechat", notice.send())
        else:
            with pytest.raises(KeyError):
                notice.send()
    kept = PlatformNotification.objects.get(event_id=notice.event_id)
    assert (kept.outcome, kept.payment, kept.times_seen) == ("", None, 1)
    assert payment.out_trade_no in kept.body
    assert Order.objects.get(pk=payment.order_id).state == "pending"
    assert accepted("Wechat", notice.send())
    kept.refresh_from_db()
    assert (kept.outcome, kept.payment, kept.times_seen) == ("applied", payment, 2)


def test_a_message_that_cannot_be_kept_either_is_refused(
    open_one: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """psycopg 2 says so of a connection that the server has closed."""
    notice = WeChatNotice(open_one("Wechat"))

    def fail(*_: Any, **__: Any) -> None:
        raise InterfaceError("connection already closed")

    with monkeypatch.context() as broken:
        broken.setattr(CursorWrapper, "execute", fail)
        assert refused("Wechat", notice.send())
    assert accepted("Wechat", notice.send())


def test_what_was_unknown_is_applied_when_it_is_said_again(open_one: Any) -> None:
    payment = open_one("Wechat")
    notice = WeChatNotice(payment)
    Payment.objects.filter(pk=payment.pk).update(out_trade_no="elsewhere")
    assert refused("Wechat", notice.send())
    assert PlatformNotification.objects.get(event_id=notice.event_id).outcome == "unknown"
    Payment.objects.filter(pk=payment.pk).update(out_trade_no=payment.out_trade_no)
    assert accepted("Wechat", notice.send())
    kept = PlatformNotification.objects.get(event_id=notice.event_id)
    assert (kept.outcome, kept.payment, kept.times_seen) == ("applied", payment, 2)


def test_two_events_of_one_payment_are_both_kept(open_one: Any) -> None:
    payment = open_one("Wechat")
    for event_id in ("EV-1", "EV-2"):
        assert accepted("Wechat", WeChatNotice(payment, event_id=event_id).send())
    found = dict(PlatformNotification.objects.filter(payment=payment).values_list("event_id", "outcome"))
    assert found == {"EV-1": "applied", "EV-2": "already_applied"}


def test_a_trade_of_another_payment_is_refused_and_kept(open_one: Any, merchant: Merchant) -> None:
    payment, other = open_one("Wechat"), open_payment(merchant, "Wechat")
    assert accepted("Wechat", WeChatNotice(payment).send())
    same = {"transaction_id": WeChatNotice(payment).content()["transaction_id"]}
    assert refused("Wechat", WeChatNotice(other, event_id="EV-9", changes=same).send())
    assert PlatformNotification.objects.get(event_id="EV-9").outcome == ""
    other.refresh_from_db()
    assert (other.state, other.trade_no) == ("open", "")


def test_a_flag_that_could_not_be_raised_is_raised_by_the_repeat(
    open_one: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = open_one("Alipay")
    result = PaymentResult(
        out_trade_no=payment.out_trade_no,
        state=TradeState.PAID,
        platform_state="TRADE_SUCCESS",
        amount=payment.amount,
        trade_no="2026112900000001",
    )
    odd = VerifiedNotification(event_id="odd", kind="", body="{}", result=result, doubts="a_new_field")

    def fail(*_: Any) -> None:
        raise DatabaseError("disk full")

    with monkeypatch.context() as broken:
        broken.setattr(apply_notification, "raise_daily_flag", fail)
        with pytest.raises(DatabaseError):
            apply_notification.apply_notification(payment.account, odd)
    assert Order.objects.get(pk=payment.order_id).state == "paid"
    assert not Flag.objects.exists()
    assert apply_notification.apply_notification(payment.account, odd)
    assert Flag.objects.get().kind == Flag.Kind.ODD_NOTIFICATION
