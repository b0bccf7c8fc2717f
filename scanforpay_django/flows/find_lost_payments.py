"""After a restore, ask the platforms for attempts on an order that the database does not know any more.

An attempt's number follows from its order and its place, so the lost ones can be named: the next number, the one after
it, and so on, at every account that the order could have used. No transaction is open meanwhile.
"""

import logging
from collections.abc import Callable, Iterator
from datetime import timedelta

from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError
from django.db.models import Count, Max

from scanforpay_django import clock
from scanforpay_django.exceptions import ScanForPayError
from scanforpay_django.flows.apply_payment import apply_payment
from scanforpay_django.flows.configured_wallet import ConfiguredWallet
from scanforpay_django.flows.payment_request import attempt_number
from scanforpay_django.models import AskedOrder, Cause, Order, Payment, RestoreMark, WalletAccount
from scanforpay_django.models.cause import PLATFORM_QUERY
from scanforpay_django.models.database import atomic
from scanforpay_django.models.locks import lock_order
from scanforpay_django.wallets.base import Kind, PaymentResult, TradeState
from scanforpay_django.wallets.registry import serving

logger = logging.getLogger(__name__)

#: numbers in a row that no platform knows, after which there are no more
UNKNOWN_IN_A_ROW = 5
# What was asked for and answered is lost: no page goes on with such an attempt, and no call of it is repeated.
_LOST_REQUEST = {"title": "", "notify_url": "", "payer_kind": "", "client_ip": "lost", "return_url": ""}
_LOST_PREPAY = {"lost": "true"}


def find_lost_payments(order: Order, *, before_each: Callable[[int], None] = lambda _account: None) -> int:
    """Ask once for each restore; how many were found. Each is a row again, and applied if it was paid. ``before_each``
    is called with the account's key before each question.

    Raises PlatformError while a platform cannot be asked: until then no attempt may begin and the order may not end.
    """
    mark = RestoreMark.objects.newest()
    if mark is None or not mark.concerns(order) or AskedOrder.objects.of_order(mark, order).exists():
        return 0
    found = sum(restore_payment(order, *lost) for lost in _find_lost(order, before_each))
    AskedOrder.objects.get_or_create(mark=mark, order=order)
    return found


def _find_lost(
    order: Order, before_each: Callable[[int], None]
) -> Iterator[tuple[int, ConfiguredWallet, PaymentResult]]:
    """An account that cannot be asked keeps no other from being asked; what was wrong with the first is raised last."""
    accounts, faults = list(possible_accounts(order)), []
    attempt, unknown = next_attempt(order), 0
    while accounts and unknown < UNKNOWN_IN_A_ROW:
        number, is_known = attempt_number(order, attempt), False
        for configured in tuple(accounts):
            before_each(configured.account.pk)
            try:
                result = configured.wallet.query(number)
            except (ScanForPayError, ImproperlyConfigured) as error:
                logger.warning(
                    "account %s cannot be asked about %s: %s", configured.account.pk, number, error
                )
                accounts.remove(configured)
                faults.append(error)
                continue
            if result.state is not TradeState.NOT_FOUND:
                is_known = True
                yield attempt, configured, result
        unknown = 0 if is_known else unknown + 1
        attempt += 1
    if faults:
        raise faults[0]


def possible_accounts(order: Order, wallet: str = "") -> Iterator[ConfiguredWallet]:
    """Every account of the store that takes such an order, also one that was switched off since; not one that never
    had credentials. ``wallet``: another one than the order's, as the wire names it.
    """
    backends = {backend.name: backend for backend in serving(wallet or order.wallet)}
    accounts = WalletAccount.objects.filter(store=order.store_id, wallet__in=backends)
    for account in accounts.exclude(secrets_ciphertext="").order_by("pk"):
        configured = ConfiguredWallet(account=account, backend=backends[account.wallet])
        # What the account collects may have been edited since.
        if order.currency in configured.backend.currencies:
            yield configured


def next_attempt(order: Order) -> int:
    """The place of the order's next attempt, the first being 1. Call under the order's lock to use it."""
    known = order.payments.aggregate(last=Max("attempt"), count=Count("pk"))
    last: int = known["last"] or 0
    return max(last, int(known["count"])) + 1


def restore_payment(
    order: Order,
    attempt: int,
    configured: ConfiguredWallet,
    result: PaymentResult,
    cause: Cause = PLATFORM_QUERY,
) -> int:
    """Make the row anew, and apply what its platform says; 0 where another process has found it."""
    payment = record_lost_payment(order, attempt, configured, result.out_trade_no, cause)
    if payment is None:
        return 0
    apply_payment(payment, result, cause)
    return 1


def record_lost_payment(
    order: Order, attempt: int, configured: ConfiguredWallet, out_trade_no: str, cause: Cause
) -> Payment | None:
    """The row, unless there is one of its number or place. What is still open there is to be closed: its page is lost,
    and its order does not end before its platform was asked.
    """
    kind = Kind.BARCODE if order.entry == Order.Entry.BARCODE else Kind.BRIDGE
    product = configured.find_product(kind) or next(iter(configured.backend.products))
    try:
        with atomic():
            locked = lock_order(order.pk)
            payment = Payment.objects.create(
                order=locked,
                out_trade_no=out_trade_no,
                attempt=attempt,
                account=configured.account,
                wallet=configured.backend.wire_name(),
                product=product,
                state=Payment.State.CLOSING,
                amount=order.amount,
                currency=order.currency,
                request=_LOST_REQUEST,
                prepay=_LOST_PREPAY,
                expires_at=order.expires_at,
                next_query_at=clock.now() - timedelta(seconds=1),
            )
            details = {"out_trade_no": payment.out_trade_no, "found": "after a restore"}
            locked.record_event(cause, details)
    except IntegrityError:
        # Another process has found it at the same moment.
        return None
    return payment
