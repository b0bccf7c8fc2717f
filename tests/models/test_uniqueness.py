"""What may be there once, by the database itself, and that numbers, tokens and keys compare byte for byte.

``test_mariadb`` runs this file on MariaDB.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, models, transaction

from scanforpay_django import clock
from scanforpay_django.models import (
    Endpoint,
    Flag,
    Notification,
    OAuthState,
    Order,
    Partner,
    Payment,
    PlatformNotification,
    Refund,
    Store,
    WalletAccount,
)
from scanforpay_django.sandbox.models import Merchant as PlatformMerchant

pytestmark = pytest.mark.django_db


class Rows:
    """Makes rows by the ORM, with what a test does not name filled in."""

    def __init__(self) -> None:
        self.partner = Partner.objects.create(partner_no="p", name="Shop")
        self.store = Store.objects.create(partner=self.partner, store_no="s", name="Shop")
        self.account = self.make_account()
        self.made_order = self.order()

    def order(self, number: str = "n", **columns: Any) -> Order:
        values = {"partner": self.partner, "store": self.store, "partner_order_no": number, **columns}
        now = clock.now()
        return Order.objects.create(
            wallet="W", amount=100, currency="CNY", fingerprint="f", expires_at=now, **values
        )

    def make_account(self, **columns: Any) -> WalletAccount:
        return WalletAccount.objects.create(**{"store": self.store, "wallet": "Wechat", **columns})

    def payment(self, **columns: Any) -> Payment:
        values = {
            "order": self.made_order,
            "account": self.account,
            "amount": 100,
            "paid_amount": 100,
            **columns,
        }
        return Payment.objects.create(
            wallet="W", product="p", currency="CNY", expires_at=clock.now(), **values
        )

    def refund(self, payment: Payment, **columns: Any) -> Refund:
        values = {"partner": self.partner, "order": payment.order, "payment": payment, "amount": 1, **columns}
        return Refund.objects.create(currency="CNY", **values)

    def notification(self, **columns: Any) -> Notification:
        values = {"order": self.made_order, "partner": self.partner, "content": "{}", **columns}
        values["url"] = "https://shop.example/"
        return Notification.objects.create(endpoint="e", **values)


@pytest.fixture
def rows() -> Rows:
    return Rows()


def assert_refused(work: Callable[[], object]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        work()


def test_an_order_has_one_applied_payment(rows: Rows) -> None:
    first, second = rows.payment(is_applied=True), rows.payment()
    rows.payment()
    rows.payment(order=rows.order("other"), is_applied=True)
    assert_refused(lambda: rows.payment(is_applied=True))
    again = Payment.objects.filter(pk=second.pk)
    assert_refused(lambda: again.update(is_applied=True))
    Payment.objects.filter(pk=first.pk).update(is_applied=False)
    assert again.update(is_applied=True) == 1


def test_a_platforms_number_is_there_once_for_an_account(rows: Rows) -> None:
    rows.payment(trade_no="4200")
    rows.payment(trade_no="")
    without = rows.payment(trade_no="")
    rows.payment(trade_no="4200", account=rows.make_account(wallet="Alipay"))
    assert_refused(lambda: rows.payment(trade_no="4200"))
    assert_refused(lambda: Payment.objects.filter(pk=without.pk).update(trade_no="4200"))


def test_a_merchants_refund_number_is_there_once(rows: Rows) -> None:
    payment = rows.payment()
    rows.refund(payment, refund_no="r1")
    rows.refund(payment)
    rows.refund(payment)
    assert_refused(lambda: rows.refund(payment, refund_no="r1"))


def test_a_payment_and_a_refund_are_notified_once(rows: Rows) -> None:
    payment = rows.payment()
    one, two = rows.refund(payment), rows.refund(payment)
    rows.notification()
    rows.notification(kind="refund", refund=one)
    rows.notification(kind="refund", refund=two)
    rows.notification(order=rows.order("other"))
    assert_refused(rows.notification)
    assert_refused(lambda: rows.notification(kind="refund", refund=one))


def test_a_flag_is_open_once(rows: Rows) -> None:
    first = Flag.objects.create(order=rows.made_order, kind="late_payment")
    Flag.objects.create(order=rows.made_order, kind="duplicate_payment")
    assert_refused(lambda: Flag.objects.create(order=rows.made_order, kind="late_payment"))
    Flag.objects.filter(pk=first.pk).update(cleared_at=clock.now())
    second = Flag.objects.create(order=rows.made_order, kind="late_payment")
    assert_refused(lambda: Flag.objects.filter(pk=first.pk).update(cleared_at=None))
    second.cleared_at = clock.now()
    second.save()
    assert Flag.objects.get_or_create(order=rows.made_order, kind="late_payment", cleared_at=None)[1]


def test_a_store_has_one_active_account_for_a_wallet(rows: Rows) -> None:
    rows.make_account(is_active=False)
    second = rows.make_account(is_active=False)
    assert_refused(rows.make_account)
    second.is_active = True
    assert_refused(second.save)


def test_the_sandboxs_app_ids_are_there_once() -> None:
    for number in ("1", "2"):
        PlatformMerchant.objects.create(app="alipay_global", number=number)
    PlatformMerchant.objects.create(app="wechat", number="1", app_id="wx1")
    assert_refused(lambda: PlatformMerchant.objects.create(app="wechat", number="2", app_id="wx1"))


def test_many_at_once_leave_out_what_is_there(rows: Rows) -> None:
    rows.notification()
    values = {"order": rows.made_order, "partner": rows.partner, "url": "u", "endpoint": "e", "content": "{}"}
    Notification.objects.bulk_create([Notification(**values)], ignore_conflicts=True)
    assert Notification.objects.count() == 1


ALIKE = ("a", "A", "a ", "á")


def test_merchants_numbers_compare_byte_for_byte(rows: Rows) -> None:
    made = {number: rows.order(number).pk for number in ALIKE}
    for number, pk in made.items():
        assert list(Order.objects.filter(partner_order_no=number).values_list("pk", flat=True)) == [pk]
    assert_refused(lambda: rows.order("a"))
    assert Order.objects.filter(partner_order_no__in=["a", "A "]).count() == 1
    assert set(Order.objects.filter(partner_order_no__icontains="A").values_list("pk", flat=True)) >= {
        made["a"],
        made["A"],
        made["a "],
    }


@pytest.mark.parametrize(
    ("model", "name"),
    [
        (Partner, "partner_no"),
        (Store, "store_no"),
        (WalletAccount, "public_id"),
        (WalletAccount, "wallet"),
        (Order, "order_no"),
        (Order, "token"),
        (Order, "scan_token"),
        (Order, "fingerprint"),
        (Payment, "out_trade_no"),
        (Payment, "trade_no"),
        (Payment, "payer_id"),
        (Refund, "out_refund_no"),
        (Refund, "refund_id"),
        (Notification, "message_id"),
        (Notification, "endpoint"),
        (Notification, "lease_token"),
        (Endpoint, "key"),
        (Endpoint, "origin"),
        (PlatformNotification, "event_id"),
        (OAuthState, "key"),
        (OAuthState, "browser"),
    ],
)
def test_numbers_tokens_and_keys_compare_byte_for_byte(rows: Rows, model: Any, name: str) -> None:
    make: dict[Any, Callable[[], models.Model]] = {
        Partner: lambda: rows.partner,
        Store: lambda: rows.store,
        WalletAccount: lambda: rows.account,
        Order: lambda: rows.made_order,
        Payment: rows.payment,
        Refund: lambda: rows.refund(rows.payment()),
        Notification: rows.notification,
        Endpoint: lambda: Endpoint.objects.create(partner=rows.partner, origin="o", key="k"),
        PlatformNotification: lambda: PlatformNotification.objects.create(
            account=rows.account, event_id="e", body=""
        ),
        OAuthState: lambda: OAuthState.objects.create(order=rows.made_order, account=rows.account),
    }
    row = model.objects.filter(pk=make[model]().pk)
    row.update(**{name: "a"})
    assert row.filter(**{name: "a"}).exists()
    assert not [other for other in ("A", "a ", "á") if row.filter(**{name: other}).exists()]
    assert row.filter(**{f"{name}__icontains": "A"}).exists()
    assert row.filter(**{f"{name}__iexact": "A"}).exists()
    assert row.filter(**{f"{name}__startswith": "a"}).exists()


def test_moments_that_the_database_fills_in_are_now(rows: Rows) -> None:
    """Whatever time zone the session is in, and to the microsecond where a database counts these."""
    notification = rows.notification()
    notification.refresh_from_db()
    assert abs(notification.next_at - clock.now()) < timedelta(minutes=1)
