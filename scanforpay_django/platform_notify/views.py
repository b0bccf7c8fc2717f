"""Platforms notify us: verify, store the body, apply it, store the outcome, acknowledge."""

import logging

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from scanforpay_django.exceptions import PlatformSignatureInvalid, PlatformValueInvalid, ScanForPayError
from scanforpay_django.flows.apply_payment import ApplyOutcome, apply_payment
from scanforpay_django.flows.configured_wallet import configure
from scanforpay_django.flows.import_platform_refund import import_refund
from scanforpay_django.flows.raise_flag import flag_refused_message, raise_daily_flag
from scanforpay_django.flows.record_refund import record_refund_result
from scanforpay_django.models import (
    ArchivedNumber,
    Cause,
    Flag,
    Payment,
    PlatformNotification,
    Refund,
    Source,
    WalletAccount,
)
from scanforpay_django.models.order import TOKEN
from scanforpay_django.models.platform_notification import (
    INCOMPLETE_OUTCOME,
    REFUSED_OUTCOME,
    UNKNOWN_OUTCOME,
)
from scanforpay_django.platform_notify.lock_wait import short_lock_wait
from scanforpay_django.wallets.base import RefundResult, VerifiedNotification, Wallet
from scanforpay_django.wallets.platform_text import storable

logger = logging.getLogger(__name__)

MAX_NOTIFICATION_BYTES = 64 * 1024
NOT_APPLIED = ("", UNKNOWN_OUTCOME, REFUSED_OUTCOME, INCOMPLETE_OUTCOME)


@csrf_exempt
@require_POST
@transaction.non_atomic_requests
def platform_notify(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    """One notification on one account's own path. Acknowledged only after what it says is committed."""
    account = (
        WalletAccount.objects.filter(public_id=public_id).first() if TOKEN.fullmatch(public_id) else None
    )
    if account is None:
        return HttpResponse(status=404)
    try:
        wallet = configure(account).wallet
    except (ScanForPayError, ImproperlyConfigured):
        logger.exception("account %s cannot be used; the platform will repeat its message", account.pk)
        return HttpResponse(status=503)
    if wallet.slug != slug:
        return HttpResponse(status=404)
    body = request.read(MAX_NOTIFICATION_BYTES + 1)
    if len(body) > MAX_NOTIFICATION_BYTES:
        return HttpResponse(status=413)
    return _acknowledge(wallet, _receive(wallet, account, request, body))


def _acknowledge(wallet: Wallet, accepted: bool) -> HttpResponse:
    answer = wallet.acknowledge(accepted)
    return HttpResponse(answer.body, status=answer.status, content_type=answer.content_type)


def _receive(wallet: Wallet, account: WalletAccount, request: HttpRequest, body: bytes) -> bool:
    """Whether the platform may stop repeating the message."""
    try:
        notification = wallet.read_notification(request.headers, body)
    except PlatformSignatureInvalid as error:
        # Nothing of an unverified message is stored, or anyone could fill the table.
        logger.warning("unverified message for account %s refused: %s", account.pk, error)
        return False
    except ScanForPayError as error:
        logger.warning("a message for account %s cannot be read: %s", account.pk, error)
        return False
    try:
        with short_lock_wait():
            return _process(account, notification)
    except (DatabaseError, ScanForPayError):
        logger.exception("a verified notification could not be processed; the platform will repeat it")
        return False


def _process(account: WalletAccount, notification: VerifiedNotification) -> bool:
    """Store the verified body in a commit of its own, then apply it. False: the payment is not known (yet)."""
    stored = _store_body(account, notification)
    if notification.refund is not None:
        return _process_refund(stored, account, notification.refund)
    if notification.result is None:
        return True
    payment = _find_payment(account, notification.result.out_trade_no)
    if payment is None:
        _store_unknown(stored, account, notification.result.out_trade_no)
        return False
    try:
        outcome = apply_payment(payment, notification.result, _cause(stored))
    except PlatformValueInvalid:
        _store_outcome(stored, payment, REFUSED_OUTCOME)
        raise
    if notification.doubts:
        _flag_doubts(payment, notification, _cause(stored))
    _store_outcome(stored, payment, outcome)
    return outcome is not ApplyOutcome.INCOMPLETE


def _find_payment(account: WalletAccount, out_trade_no: str) -> Payment | None:
    return Payment.objects.filter(account=account, out_trade_no=storable(out_trade_no)).first()


def _store_unknown(stored: PlatformNotification, account: WalletAccount, out_trade_no: str) -> None:
    """Its payment is not known (yet), or archived: then the audit reports it, until the order is imported."""
    archived = ArchivedNumber.objects.find_payment(account.store.partner_id, storable(out_trade_no))
    if archived is not None:
        archived.record_notice()
    logger.error(
        "account %s: a notification for an unknown payment (%s)", account.pk, archived or "not archived"
    )
    _store_outcome(stored, None, UNKNOWN_OUTCOME)


def _flag_doubts(payment: Payment, notification: VerifiedNotification, cause: Cause) -> None:
    """A field that the platform has added needs a line in the wallet's list; anything else, a look."""
    details = {"fields": storable(notification.doubts, 500), "notification": cause.request_id}
    raise_daily_flag(payment, Flag.Kind.ODD_NOTIFICATION, details, cause)


def _process_refund(stored: PlatformNotification, account: WalletAccount, result: RefundResult) -> bool:
    """Record a refund of ours; import one that was made in the platform's console.

    False while its payment is not known, or not known to be paid: the platform says it again, and by then it may be.
    """
    number = storable(result.out_refund_no)
    refund = Refund.objects.filter(payment__account=account, out_refund_no=number).first()
    payment = refund.payment if refund is not None else _find_payment(account, result.out_trade_no)
    if payment is None:
        _store_unknown(stored, account, result.out_trade_no)
        return False
    try:
        is_recorded = _record_refund(refund, payment, result, _cause(stored))
    except PlatformValueInvalid as error:
        flag_refused_message(payment, str(error), _cause(stored))
        _store_outcome(stored, payment, REFUSED_OUTCOME)
        raise
    _store_outcome(stored, payment, str(result.state) if is_recorded else UNKNOWN_OUTCOME)
    return is_recorded


def _record_refund(refund: Refund | None, payment: Payment, result: RefundResult, cause: Cause) -> bool:
    if refund is None:
        return import_refund(payment, result, cause)
    record_refund_result(refund, result, cause)
    return True


def _cause(stored: PlatformNotification) -> Cause:
    return Cause(source=Source.PLATFORM_NOTIFY, request_id=stored.event_id)


def _store_body(account: WalletAccount, notification: VerifiedNotification) -> PlatformNotification:
    event_id = storable(notification.event_id, 128)
    known = PlatformNotification.objects.filter(account=account, event_id=event_id)
    try:
        with transaction.atomic():
            return PlatformNotification.objects.create(
                account=account,
                event_id=event_id,
                kind=storable(notification.kind, 64),
                body=storable(notification.body),
            )
    except IntegrityError:
        known.update(times_seen=F("times_seen") + 1)
        return known.get()


def _store_outcome(stored: PlatformNotification, payment: Payment | None, outcome: str) -> None:
    """Keep the outcome of the first delivery; repetitions do not overwrite it."""
    if stored.outcome in NOT_APPLIED and outcome != ApplyOutcome.ALREADY_APPLIED:
        PlatformNotification.objects.filter(pk=stored.pk).update(payment=payment, outcome=outcome)
    elif not stored.outcome:
        PlatformNotification.objects.filter(pk=stored.pk, outcome="").update(payment=payment, outcome=outcome)
