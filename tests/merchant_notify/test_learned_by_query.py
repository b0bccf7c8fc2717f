"""A shop that never acknowledges but asks: it knows, so nobody is alarmed; it is sent to all the same."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.db import OperationalError, connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from scanforpay_django.merchant_notify.delivery import drain
from scanforpay_django.models import Notification
from scanforpay_django.operations.alarms import mail_partners
from scanforpay_django.signals import notification_exhausted
from tests.merchant import Merchant, seed_merchant
from tests.platform import WeChatNotice, give_credentials, open_payment
from tests.transport.zoo import Zoo, whole

pytestmark = pytest.mark.django_db(transaction=True)
State = Notification.State


@pytest.fixture
def merchant() -> Merchant:
    merchant = seed_merchant()
    give_credentials(merchant)
    merchant.partner.contact_email = "shop@example.com"
    merchant.partner.save()
    return merchant


@pytest.fixture
def paid(merchant: Merchant) -> Callable[[str], Notification]:
    """An order of the merchant that is paid, with this address."""

    def pay(url: str) -> Notification:
        payment = open_payment(merchant, "Wechat", notifyUrl=url)
        assert WeChatNotice(payment).send().status_code == 200
        return payment.order.notifications.get()

    return pay


def ask(merchant: Merchant, notification: Notification) -> int:
    """One payQuery; how many statements it took."""
    number = notification.order.partner_order_no
    merchant.query(partnerOrderNo=number)
    with CaptureQueriesContext(connection) as told:
        assert merchant.query(partnerOrderNo=number)["status"] == 1
    return len(told.captured_queries)


def last_try(notification: Notification) -> Notification:
    Notification.objects.filter(pk=notification.pk).update(attempt_count=18, next_at="2020-01-01T00:00Z")
    drain()
    notification.refresh_from_db()
    return notification


def test_who_asked_after_a_failure_is_told_and_nobody_is_alarmed(
    merchant: Merchant, paid: Any, zoo: Zoo
) -> None:
    exhausted: list[object] = []

    def listen(notification: Notification, **_: Any) -> None:
        exhausted.append(notification)

    notification = paid(zoo.answering(b"thanks"))
    assert drain().failed == 1
    ask(merchant, notification)
    notification.refresh_from_db()
    assert (notification.state, notification.learned_at is not None) == (State.PENDING, True)
    notification_exhausted.connect(listen)
    last_try(notification)
    notification_exhausted.disconnect(listen)
    assert (notification.state, notification.alarmed_at) == (State.LEARNED, None)
    assert notification.last_reason == "the answer is not “success”"
    assert (mail_partners(), mail.outbox, exhausted) == (0, [], [])


def test_it_is_sent_to_until_the_ladder_ends(merchant: Merchant, paid: Any, zoo: Zoo) -> None:
    notification = paid(zoo.answering(b"thanks", b"success"))
    drain()
    ask(merchant, notification)
    last_try(notification)
    assert (notification.state, len(zoo.requests)) == (State.DELIVERED, 2)


def test_who_asked_before_any_try_failed_is_alarmed_about(merchant: Merchant, paid: Any, zoo: Zoo) -> None:
    notification = paid(zoo.answering(b"thanks"))
    ask(merchant, notification)
    assert last_try(notification).state == State.EXHAUSTED
    assert mail_partners() == 1


def test_an_alarm_ends_when_the_merchant_asks(merchant: Merchant, paid: Any, zoo: Zoo) -> None:
    notification = paid(zoo.answering(whole(b"", b"410 Gone")))
    assert drain().exhausted == 1
    ask(merchant, notification)
    notification.refresh_from_db()
    assert (notification.state, notification.alarmed_at) == (State.LEARNED, None)
    assert mail_partners() == 0


def test_410_after_it_asked_is_no_alarm(merchant: Merchant, paid: Any, zoo: Zoo) -> None:
    notification = paid(zoo.answering(b"thanks", whole(b"", b"410 Gone")))
    drain()
    ask(merchant, notification)
    assert last_try(notification).state == State.LEARNED


def test_one_that_kills_its_worker_is_no_alarm_either(merchant: Merchant, paid: Any, zoo: Zoo) -> None:
    notification = paid(zoo.answering(b"thanks"))
    drain()
    ask(merchant, notification)
    Notification.objects.update(attempt_count=19, next_at="2020-01-01T00:00Z")
    assert drain().exhausted == 0
    notification.refresh_from_db()
    assert notification.state == State.LEARNED


def test_asking_costs_one_statement_more_once(merchant: Merchant, paid: Any, zoo: Zoo) -> None:
    notification = paid(zoo.answering(b"thanks", b"success"))
    assert ask(merchant, notification) == 1
    drain()
    with CaptureQueriesContext(connection) as told:
        merchant.query(partnerOrderNo=notification.order.partner_order_no)
    assert len([query for query in told.captured_queries if query["sql"].startswith("UPDATE")]) == 1
    assert ask(merchant, notification) == 1
    last_try(notification)
    assert ask(merchant, notification) == 1


def test_a_busy_database_keeps_nobody_from_asking(
    merchant: Merchant, paid: Any, zoo: Zoo, monkeypatch: pytest.MonkeyPatch
) -> None:
    notification = paid(zoo.answering(b"thanks"))
    drain()

    def busy(*_: Any, **__: Any) -> int:
        raise OperationalError("database is locked")

    with monkeypatch.context() as patched:
        patched.setattr(QuerySet, "update", busy)
        assert merchant.query(partnerOrderNo=notification.order.partner_order_no)["status"] == 1
    ask(merchant, notification)
    notification.refresh_from_db()
    assert notification.learned_at is not None
