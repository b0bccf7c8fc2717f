"""Amounts, moments and names inside the sentences of an order's story."""

from datetime import datetime, tzinfo

from django.utils.formats import date_format
from django.utils.translation import gettext

from scanforpay_django import money
from scanforpay_django.models import Payment
from scanforpay_django.wallets.registry import find_wallet_class, serving
from scanforpay_django.wire import ANY_WALLET


def say_amount(amount: int | None, currency: str) -> str:
    """Minor units with their currency's code: "CNY 21.00", "JPY 2,100"; "" for None."""
    return "" if amount is None else money.with_code(amount, currency)


def say_soon(moment: datetime, zone: tzinfo) -> str:
    """ "29 Nov", in the store's zone, for a day that is to come."""
    # Translators: a day that is near, in the format of Django's date filter, e.g. 29 Nov.
    return date_format(moment.astimezone(zone), gettext("j M"))


def say_day(moment: datetime, zone: tzinfo) -> str:
    """ "29 Nov 2026", in the store's zone."""
    # Translators: a day, in the format of Django's date filter, e.g. 29 Nov 2026.
    return date_format(moment.astimezone(zone), gettext("j M Y"))


def say_moment(moment: datetime, zone: tzinfo) -> str:
    """ "29 Nov 2026, 17:46:22", in the store's zone."""
    # Translators: a moment, in the format of Django's date filter, e.g. 29 Nov 2026, 17:46:22.
    return date_format(moment.astimezone(zone), gettext("j M Y, H:i:s"))


def say_wallet(payment: Payment) -> str:
    """How the payment's wallet writes itself; its name where the wallet is not installed any more."""
    found = find_wallet_class(payment.account.wallet)
    return str(found.label) if found else payment.wallet


def say_wire_wallet(name: str) -> str:
    """The label of what the wire calls a wallet; "" for an order that any wallet may pay."""
    if name == ANY_WALLET:
        return ""
    found = serving(name)
    return str(found[0].label) if found else name
