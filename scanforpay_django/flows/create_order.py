"""Create an order, once per (partner, partner_order_no)."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from scanforpay_django.conf import conf
from scanforpay_django.exceptions import AccountMissing, FieldInvalid, OrderDiffers, WalletDisabled
from scanforpay_django.models import Order, Partner, Store, WalletAccount

PUBLISHED_WALLETS = ("Wechat", "Alipay", "AlipayHK")


@dataclass(frozen=True, kw_only=True)
class OrderContent:
    """What the merchant asks for. Equal content under the same number is the same order."""

    entry: str
    partner_order_no: str
    wallet: str
    # minor units
    amount: int
    # ISO 4217
    currency: str
    title: str = ""
    operator_id: str = ""
    terminal_no: str = ""
    notify_url: str = ""
    return_url: str = ""

    def fingerprint(self, store: Store) -> str:
        """SHA-256 over the normalised content."""
        content = {"store": store.store_no, **asdict(self)}
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def create_order(partner: Partner, store: Store, content: OrderContent) -> Order:
    """The new order, or the one that exists with the same content.

    Raises FieldInvalid (wallet, currency), AccountMissing, WalletDisabled, OrderDiffers.
    """
    _check_account(store, content)
    lifetime = store.order_lifetime_seconds or conf.order_lifetime_seconds
    fingerprint = content.fingerprint(store)
    order = Order(
        partner=partner,
        store=store,
        fingerprint=fingerprint,
        expires_at=timezone.now() + timedelta(seconds=lifetime),
        **asdict(content),
    )
    try:
        with transaction.atomic():
            order.save(force_insert=True)
    except IntegrityError:
        same_number = Order.objects.filter(partner=partner, partner_order_no=content.partner_order_no)
        existing = same_number.select_related("store").first()
        if existing is None:
            raise
        if existing.fingerprint != fingerprint:
            raise OrderDiffers from None
        return existing
    return order


def _check_account(store: Store, content: OrderContent) -> None:
    if content.wallet not in conf.wallets and content.wallet not in PUBLISHED_WALLETS:
        raise FieldInvalid(field="wallet", rule=", ".join(conf.wallets))
    accounts = {a.wallet: a for a in WalletAccount.objects.filter(store=store, is_active=True)}
    if not accounts:
        raise AccountMissing(wallet=content.wallet)
    account = accounts.get(content.wallet)
    if account is None or content.wallet not in conf.wallets:
        raise WalletDisabled(wallet=content.wallet)
    if content.currency not in account.currency_list():
        raise FieldInvalid(field="currency", rule=" ".join(account.currency_list()))
