"""Apply what a platform reports, and keep the message as it was received.

A payment and its message are one transaction. Where applying fails, the message is kept in a transaction of its own.
"""

import hashlib
import logging
import threading

from django.db import DatabaseError, IntegrityError, InterfaceError

from scanforpay_django.exceptions import PlatformValueInvalid
from scanforpay_django.flows.apply_payment import ApplyOutcome, apply_locked, check_trade_number
from scanforpay_django.flows.configured_wallet import configure
from scanforpay_django.flows.import_platform_refund import import_refund
from scanforpay_django.flows.raise_flag import flag_refused_message, raise_daily_flag
from scanforpay_django.flows.rebuild_order import rebuild_order
from scanforpay_django.flows.record_refund import record_refund_result
from scanforpay_django.models import (
    ArchivedNumber,
    Cause,
    Flag,
    Payment,
    RebuiltOrder,
    Refund,
    Source,
    WalletAccount,
)
from scanforpay_django.models.database import atomic
from scanforpay_django.models.derived_numbers import read_number_key
from scanforpay_django.models.platform_notification import (
    INCOMPLETE_OUTCOME,
    REFUSED_OUTCOME,
    REPEATED_OUTCOME,
    UNKNOWN_OUTCOME,
)
from scanforpay_django.models.settling_queries import (
    INSERT_PLATFORM_NOTIFICATION,
    count_known,
    count_repeat,
    lock_trade,
)
from scanforpay_django.spans import Span, begin_span, get_loaded
from scanforpay_django.wallets.base import PaymentResult, RefundResult, TradeState, VerifiedNotification
from scanforpay_django.wallets.platform_text import storable

logger = logging.getLogger(__name__)


def apply_notification(account: WalletAccount, notification: VerifiedNotification) -> bool:
    """Apply a verified message of an account; whether the platform may stop repeating it.

    Raises PlatformValueInvalid, PlatformSignatureInvalid, what refunds raise, and the database's errors: the message is
    kept nevertheless, unless the database takes nothing at all.
    """
    kind = "refund" if notification.refund is not None else "payment"
    with begin_span("apply_notification", wallet=account.wallet, kind=kind) as span:
        message = _Message(account, notification)
        is_done = _apply_message(message)
        if span.is_recording:
            _describe(span, message)
        return is_done


def _describe(span: Span, message: "_Message") -> None:
    """By what was read to apply it: a span takes no statement."""
    span.set(
        outcome=message.outcome,
        order_no=get_loaded(message.payment, "order__order_no"),
        partner_no=get_loaded(message.payment, "order__partner__partner_no"),
    )


def _apply_message(message: "_Message") -> bool:
    notification = message.notification
    if message.was_applied_here():
        message.outcome = REPEATED_OUTCOME
        return True
    try:
        if notification.refund is not None:
            return _apply_refund(message, notification.refund)
        if notification.result is not None:
            return _apply_payment(message, notification.result)
    except Exception as error:
        message.keep_after(error)
        raise
    message.keep(None, "")
    return True


class _RecentEvents:
    """Messages that this process has applied: where to look first when one is said again. What counts is the row."""

    MOST = 4096

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._digests: dict[bytes, None] = {}

    def add(self, digest: bytes) -> None:
        """One more; the oldest is forgotten."""
        with self._lock:
            self._digests[digest] = None
            if len(self._digests) > self.MOST:
                del self._digests[next(iter(self._digests))]

    def __contains__(self, digest: bytes) -> bool:
        return digest in self._digests


_recent_events = _RecentEvents()


class _Message:
    """What was received, and of whom."""

    def __init__(self, account: WalletAccount, notification: VerifiedNotification) -> None:
        self.account = account
        self.notification = notification
        self.event_id = storable(notification.event_id, 128)
        self.cause = Cause(source=Source.PLATFORM_NOTIFY, request_id=self.event_id)
        #: the payment it is about, once that is known
        self.payment: Payment | None = None
        #: what came of it, once that is known
        self.outcome = ""

    def find_payment(self, out_trade_no: str) -> Payment | None:
        """The payment that a message names, not locked; None if there is none."""
        found = Payment.objects.filter(account=self.account, out_trade_no=storable(out_trade_no))
        return found.first()

    def was_applied_here(self) -> bool:
        """Whether this is word for word what this process has applied; it is counted then. The row that proves it is of
        the transaction that applied it.
        """
        return self.digest() in _recent_events and count_known(self.account.pk, self.event_id)

    def digest(self) -> bytes:
        """Of whose message it is, its id and its words."""
        text = f"{self.account.pk} {self.event_id} {self.notification.body}"
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()

    def keep(self, payment: Payment | None, outcome: str) -> None:
        """Write the message, or that it was said again; the first outcome stays."""
        self.outcome = str(outcome)
        pk = payment.pk if payment else None
        if outcome == REPEATED_OUTCOME and count_repeat(self.account.pk, self.event_id, pk, outcome):
            return
        written = INSERT_PLATFORM_NOTIFICATION.write_once(
            account_id=self.account.pk,
            event_id=self.event_id,
            kind=storable(self.notification.kind, 64),
            body=storable(self.notification.body),
            payment_id=pk,
            outcome=str(outcome),
        )
        if written is None:
            count_repeat(self.account.pk, self.event_id, pk, outcome)

    def keep_unknown(self, out_trade_no: str) -> None:
        """Its payment is not known (yet), or archived: then the audit reports it, until the order is imported."""
        archived = ArchivedNumber.objects.find_payment(self.account.store.partner_id, storable(out_trade_no))
        if archived is not None:
            archived.record_notice()
        why = archived or "not archived"
        logger.error("account %s: a notification for an unknown payment (%s)", self.account.pk, why)
        self.keep(None, UNKNOWN_OUTCOME)

    def keep_after(self, error: Exception) -> None:
        """Write it although nothing came of it. Never raises: the error is what counts."""
        outcome = REFUSED_OUTCOME if isinstance(error, PlatformValueInvalid) else ""
        try:
            self.keep(self.payment if outcome else None, outcome)
        except (DatabaseError, InterfaceError):
            logger.exception("event %s could not be kept", self.event_id)


def _apply_payment(message: _Message, result: PaymentResult) -> bool:
    # What the transaction needs beside its own rows is read before it begins.
    read_number_key()
    try:
        with atomic():
            payment = lock_trade(message.account.pk, storable(result.out_trade_no))
            if payment is not None:
                message.payment = payment
                outcome = _apply(payment, result, message.cause)
                message.keep(payment, outcome)
    except PlatformValueInvalid as error:
        _flag_refused(message, error)
        raise
    except IntegrityError:
        if message.payment is not None:
            check_trade_number(message.payment, result)
        raise
    if payment is None:
        return _apply_to_rebuilt(message, result)
    if message.notification.doubts:
        _flag_doubts(message, payment)
    # Last: where a flag could not be raised, the repeat raises it.
    if outcome is ApplyOutcome.APPLIED:
        _recent_events.add(message.digest())
    return outcome != INCOMPLETE_OUTCOME


def _apply_to_rebuilt(message: _Message, result: PaymentResult) -> bool:
    """After a restore, to the order made again from what the message brings back of it."""
    configured = configure(message.account)
    if rebuild_order(configured, result, RebuiltOrder.Source.NOTIFICATION, message.cause) is None:
        message.keep_unknown(result.out_trade_no)
        return False
    return _apply_payment(message, result)


def _apply(payment: Payment, result: PaymentResult, cause: Cause) -> ApplyOutcome:
    if result.state not in (TradeState.PAID, TradeState.CLOSED):
        return ApplyOutcome.UNCHANGED
    return apply_locked(payment.order, payment, result, cause)


def _flag_refused(message: _Message, error: PlatformValueInvalid) -> None:
    if message.payment is not None:
        flag_refused_message(message.payment, str(error), message.cause)


def _flag_doubts(message: _Message, payment: Payment) -> None:
    """A field that the platform has added needs a line in the wallet's list; anything else, a look."""
    details = {"fields": storable(message.notification.doubts, 500), "notification": message.event_id}
    raise_daily_flag(payment, Flag.Kind.ODD_NOTIFICATION, details, message.cause)


def _apply_refund(message: _Message, result: RefundResult) -> bool:
    """Record a refund of ours; import one that was made in the platform's console.

    False while its payment is not known, or not known to be paid: the platform says it again, and by then it may be.
    """
    number = storable(result.out_refund_no)
    refund = Refund.objects.filter(payment__account=message.account, out_refund_no=number).first()
    payment = refund.payment if refund is not None else message.find_payment(result.out_trade_no)
    if payment is None:
        message.keep_unknown(result.out_trade_no)
        return False
    message.payment = payment
    try:
        is_recorded = _record_refund(refund, payment, result, message.cause)
    except PlatformValueInvalid as error:
        _flag_refused(message, error)
        raise
    message.keep(payment, str(result.state) if is_recorded else UNKNOWN_OUTCOME)
    return is_recorded


def _record_refund(refund: Refund | None, payment: Payment, result: RefundResult, cause: Cause) -> bool:
    if refund is None:
        return import_refund(payment, result, cause)
    record_refund_result(refund, result, cause)
    return True
