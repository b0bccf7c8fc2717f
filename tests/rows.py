"""Rows that the tests of notifications need, made by the ORM."""

import itertools
from datetime import timedelta
from typing import Any

from scanforpay_django import clock
from scanforpay_django.merchant_notify.outbox import enqueue
from scanforpay_django.models import Notification, Order, Partner, SignKey, Store

_numbers = itertools.count(1)
SECRET = "the-sign-key-of-these-tests"


class Rows:
    """Partners, keys, stores, paid orders and their notifications."""

    def partner(self, *, secret: str = SECRET, **columns: Any) -> Partner:
        number = next(_numbers)
        partner = Partner.objects.create(partner_no=f"{20000 + number}", name="Shop & Co", **columns)
        if secret:
            self.key(partner, secret)
        return partner

    def key(self, partner: Partner, secret: str, **columns: Any) -> SignKey:
        key = SignKey(partner=partner, **columns)
        key.set_secret(secret)
        key.save()
        return key

    def store(self, partner: Partner | None = None, **columns: Any) -> Store:
        partner = partner or self.partner()
        return Store.objects.create(
            partner=partner, store_no=f"{next(_numbers):012d}", name="Shop", **columns
        )

    def order(self, url: str, store: Store | None = None, **columns: Any) -> Order:
        store = store or self.store()
        now = clock.now()
        values = {
            "state": Order.State.PAID,
            "paid_at": now,
            "amount": 2100,
            "currency": "CNY",
            "title": "Tea",
        }
        return Order.objects.create(
            partner=store.partner,
            store=store,
            partner_order_no=f"rows-{next(_numbers)}-order",
            wallet="Wechat",
            notify_url=url,
            fingerprint="f",
            expires_at=now + timedelta(minutes=30),
            **values | columns,
        )

    def notification(self, url: str, store: Store | None = None, **columns: Any) -> Notification:
        notification = enqueue(self.order(url, store))
        assert notification is not None
        if columns:
            Notification.objects.filter(pk=notification.pk).update(**columns)
            notification.refresh_from_db()
        return notification
