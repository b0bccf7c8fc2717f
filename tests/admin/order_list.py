"""The list of orders as the tests read it, and rows for it."""

import re
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.test import Client

from scanforpay_django.models import Order, Payment, WalletAccount
from tests.admin.pages import url

LIST = url(Order, "changelist")


def listed(staff: Client, **query: Any) -> list[int]:
    page = staff.get(LIST, query)
    assert page.status_code == 200, page.headers.get("Location")
    return sorted(row.pk for row in page.context["cl"].result_list)


def shown(staff: Client, **query: Any) -> str:
    """The page's words, without its markup."""
    text = re.sub(r"<[^>]*>", "", staff.get(LIST, query).content.decode())
    return " ".join(text.split())


def change(order: Order, **columns: Any) -> Order:
    Order.objects.filter(pk=order.pk).update(**columns)
    return order


def pay(order: Order, **columns: Any) -> Payment:
    account = WalletAccount.objects.create(store=order.store, wallet=order.wallet)
    return Payment.objects.create(
        order=order, account=account, wallet=order.wallet, amount=order.amount, currency=order.currency,
        expires_at=order.expires_at, is_applied=True, state="paid", **columns,
    )  # fmt: skip


def today() -> date:
    """In the zone of the pages."""
    return datetime.now(ZoneInfo(settings.TIME_ZONE)).date()
