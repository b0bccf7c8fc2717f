"""Finding by any number."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from scanforpay_django.models import Notification, Order, Payment, PlatformNotification, Refund, WalletAccount
from scanforpay_django.operations.search import find_number
from tests.merchant import Merchant
from tests.operations.audit.seeds import busy
from tests.scripted import platform

__all__ = ["busy", "platform"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def paid(busy: Merchant) -> Order:
    """An order with a payment, a refund and both kinds of notifications, all with numbers."""
    Refund.objects.filter(refund_no="r1").update(refund_id="50000000012025")
    return Order.objects.get(partner_order_no="paid")


def find(text: str) -> list[tuple[type, int, int | None]]:
    with CaptureQueriesContext(connection) as statements:
        found = [(one.model, one.pk, one.order_id) for one in find_number(text)]
    assert len(statements) <= 6
    for statement in statements:
        assert not any(word in statement["sql"].upper() for word in ("COUNT(", "DISTINCT", "LIKE '%"))
    return found


def test_every_number_leads_to_its_row_and_order(paid: Order) -> None:
    payment, refund = paid.payments.get(), paid.refunds.get(refund_no="r1")
    told, heard = paid.notifications.get(), PlatformNotification.objects.get(payment=payment)
    assert payment.trade_no
    numbers = {
        (Order, paid.pk): ["order_no", "partner_order_no", "token", "scan_token"],
        (Payment, payment.pk): ["out_trade_no", "trade_no"],
        (Refund, refund.pk): ["out_refund_no", "refund_no", "refund_id"],
        (Notification, told.pk): ["message_id"],
        (PlatformNotification, heard.pk): ["event_id"],
    }
    for (model, pk), names in numbers.items():
        row = model._default_manager.get(pk=pk)
        for name in names:
            number = getattr(row, name)
            assert find(number) == [(model, pk, paid.pk)], name
            assert find(f" \t{number}\r\n ") == [(model, pk, paid.pk)], name


def test_one_number_may_be_of_several_rows(paid: Order) -> None:
    other = Order.objects.get(partner_order_no="open")
    Order.objects.filter(pk=other.pk).update(partner_order_no="r1")
    refund = paid.refunds.get(refund_no="r1")
    assert find("r1") == [(Order, other.pk, other.pk), (Refund, refund.pk, paid.pk)]


def test_a_notification_of_an_unknown_payment_has_no_order(paid: Order) -> None:
    account = WalletAccount.objects.first()
    heard = PlatformNotification.objects.create(account=account, event_id="ev-9", body="", outcome="unknown")
    assert find("ev-9") == [(PlatformNotification, heard.pk, None)]


def test_a_merchants_number_is_found_by_how_it_begins(paid: Order) -> None:
    Order.objects.filter(pk=paid.pk).update(partner_order_no="tea_2026-11")
    assert find("tea_20") == [(Order, paid.pk, paid.pk)]
    # too short; another case; a wildcard that is one elsewhere; not the beginning
    for text in (
        "tea_2",
        "TEA_2026-11",
        "teaX20",
        "tea%20",
        "tea_202%",
        "%a_2026",
        "a_2026-11",
        "tea_2026-110",
    ):
        assert find(text) == [], text


def test_what_can_be_no_number_is_not_looked_for(paid: Order, django_assert_num_queries) -> None:
    with django_assert_num_queries(0):
        for text in ("", "   ", "\0", "paid\0", "x" * 129, "9" * 10_000, "\ud800", "a\nb", "\u200b" * 7):
            assert find_number(text) == [], text


def test_odd_texts_find_nothing(paid: Order) -> None:
    for text in (
        "%",
        "_",
        "%%%%%%%",
        "______",
        "\\\\\\\\\\\\",
        "' OR 1=1 --",
        "一杯乌龙茶一杯",
        "\U0001f375" * 7,
        "𐏿" * 9,
        "PAID",
    ):
        assert find(text) == [], text
