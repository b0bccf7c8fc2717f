"""Create an order, once per (partner, partner_order_no)."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext_noop

from scanforpay_django import clock
from scanforpay_django.conf import conf
from scanforpay_django.exceptions import (
    AccountMissing,
    FieldInvalid,
    IdempotencyConflict,
    RequestRefused,
    WalletDisabled,
    rule,
)
from scanforpay_django.flows.complete_order import complete_order, needs_completion
from scanforpay_django.flows.configured_wallet import find_wallets
from scanforpay_django.models import Order, Partner, Store, partner_cache
from scanforpay_django.models.hot_queries import INSERT_ORDER
from scanforpay_django.models.locks import newest
from scanforpay_django.spans import begin_span
from scanforpay_django.wallets.registry import serving, wallet_classes
from scanforpay_django.wire import ANY_WALLET, PUBLISHED_WALLETS

_fingerprint_encoder = json.JSONEncoder(sort_keys=True)

ONE_OF = gettext_noop("must be one of: %(allowed)s")
NOT_COLLECTED = gettext_noop("%(currency)s is not collected by this store (%(collected)s)")


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
    # minor units, reported and not charged
    goods_amount: int | None = None
    goods_extra_amount: int | None = None
    operator_id: str = ""
    terminal_no: str = ""
    notify_url: str = ""
    return_url: str = ""
    # how long it may be paid; None: as the store or the project says
    lifetime_seconds: int | None = None

    def fingerprint(self, store: Store) -> str:
        """SHA-256 over the normalised content. A barcode's wallet is the customer's, and so no part of it."""
        content = {"store": store.store_no, **vars(self)}
        if self.lifetime_seconds is None or self.entry == Order.Entry.BARCODE:
            del content["lifetime_seconds"]
        if self.entry == Order.Entry.BARCODE:
            del content["wallet"]
        return hashlib.sha256(_fingerprint_encoder.encode(content).encode()).hexdigest()


def create_order(partner: Partner, store: Store, content: OrderContent) -> Order:
    """The new order, or the one that exists with the same content. Raises as ``get_or_create_order``."""
    return get_or_create_order(partner, store, content)[0]


def get_or_create_order(partner: Partner, store: Store, content: OrderContent) -> tuple[Order, bool]:
    """The same, and whether it is new.

    Raises FieldInvalid (wallet, currency), AccountMissing, WalletDisabled, IdempotencyConflict.
    """
    described = {"partner_no": partner.partner_no, "wallet": content.wallet, "kind": content.entry}
    with begin_span("create_order", **described) as span:
        order, is_new = _get_or_create(partner, store, content)
        span.set(order_no=order.order_no, outcome="created" if is_new else "known")
        return order, is_new


def _get_or_create(partner: Partner, store: Store, content: OrderContent) -> tuple[Order, bool]:
    fingerprint = content.fingerprint(store)
    try:
        _check_currency(partner, content)
        _check_account(store, content)
    except RequestRefused:
        # What was created while the account was there is answered as it was.
        existing = _find_same_order(partner, store, content, fingerprint)
        if existing is None:
            raise
        return existing, False
    columns = dict(vars(content))
    lifetime = columns.pop("lifetime_seconds") or store.order_lifetime_seconds or conf.order_lifetime_seconds
    order = INSERT_ORDER.write_once(
        partner_id=partner.pk,
        store_id=store.pk,
        fingerprint=fingerprint,
        expires_at=clock.now() + timedelta(seconds=lifetime),
        **columns,
    )
    if order is not None:
        return order, True
    existing = _find_same_order(partner, store, content, fingerprint)
    if existing is None:
        raise IdempotencyConflict("the order with this number is archived")
    return existing, False


def _find_same_order(partner: Partner, store: Store, content: OrderContent, fingerprint: str) -> Order | None:
    """The order under this number. Raises IdempotencyConflict when its content is another."""
    same_number = Order.objects.filter(partner=partner, partner_order_no=content.partner_order_no)
    existing = newest(same_number, "store").first()
    if existing is not None and needs_completion(existing):
        return complete_order(existing, store.pk, vars(content), fingerprint)
    if existing is not None and existing.fingerprint != fingerprint:
        raise IdempotencyConflict
    return existing


def _check_currency(partner: Partner, content: OrderContent) -> None:
    """A shop that sends yen times a hundred is kept from it by its own list."""
    own = partner.currency_list()
    if own and content.currency not in own:
        raise _currency_not_collected(content.currency, own)


def _currency_not_collected(currency: str, collected: Iterable[str]) -> FieldInvalid:
    text = rule(NOT_COLLECTED, currency=currency, collected=", ".join(collected))
    return FieldInvalid(field="currency", rule=text)


def _check_account(store: Store, content: OrderContent) -> None:
    if not serving(content.wallet):
        if content.wallet in PUBLISHED_WALLETS:
            raise WalletDisabled(wallet=content.wallet)
        names = [*sorted({backend.wire_name() for backend in wallet_classes().values()}), ANY_WALLET]
        raise FieldInvalid(field="wallet", sent=content.wallet, rule=rule(ONE_OF, allowed=", ".join(names)))
    wallets = find_wallets(store, content.wallet)
    if not wallets:
        if partner_cache.accounts.get(store.pk):
            raise WalletDisabled(wallet=content.wallet)
        raise AccountMissing(wallet=content.wallet)
    if not any(content.currency in wallet.currencies for wallet in wallets):
        currencies = sorted(frozenset().union(*(wallet.currencies for wallet in wallets)))
        raise _currency_not_collected(content.currency, currencies)
