"""WeChat Pay and Alipay call us: prove, keep, settle, acknowledge."""

import logging

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from scanforpay_django.exceptions import NotProven, ScanForPayError
from scanforpay_django.flows.apply_payment import Settlement, settle
from scanforpay_django.flows.configured_wallet import wallet_of
from scanforpay_django.flows.import_platform_refund import take_over_one
from scanforpay_django.flows.record_refund import record
from scanforpay_django.models import OrderEvent, Payment, PlatformCall, Refund, WalletAccount
from scanforpay_django.models.order import TOKEN
from scanforpay_django.platform_notify.lock_wait import short_lock_wait
from scanforpay_django.wallets.base import PlatformNotification, RefundResult, Wallet

logger = logging.getLogger(__name__)

MAX_BODY_BYTES = 64 * 1024


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
        wallet = wallet_of(account)
    except (ScanForPayError, ImproperlyConfigured):
        logger.exception("account %s cannot be used; the platform will repeat its message", account.pk)
        return HttpResponse(status=503)
    if wallet.slug != slug:
        return HttpResponse(status=404)
    body = request.read(MAX_BODY_BYTES + 1)
    if len(body) > MAX_BODY_BYTES:
        return HttpResponse(status=413)
    return _answer(wallet, _receive(wallet, account, request, body))


def _answer(wallet: Wallet, accepted: bool) -> HttpResponse:
    answer = wallet.acknowledge(accepted)
    return HttpResponse(answer.body, status=answer.status, content_type=answer.content_type)


def _receive(wallet: Wallet, account: WalletAccount, request: HttpRequest, body: bytes) -> bool:
    """Whether the platform may stop telling us."""
    try:
        notification = wallet.read_notification(request.headers, body)
    except NotProven as error:
        # Nothing of an unproven message is kept, or anyone could fill the table.
        logger.warning("unproven message for account %s refused: %s", account.pk, error)
        return False
    except ScanForPayError as error:
        logger.warning("a message for account %s cannot be read: %s", account.pk, error)
        return False
    try:
        with short_lock_wait():
            return _believe(account, notification)
    except (DatabaseError, ScanForPayError):
        logger.exception("a proven notification could not be worked on; the platform will repeat it")
        return False


def _believe(account: WalletAccount, notification: PlatformNotification) -> bool:
    """Keep the proven call in a commit of its own, then settle. False: the payment is not known (yet)."""
    call = _keep(account, notification)
    if notification.refund is not None:
        return _believe_refund(call, account, notification.refund)
    if notification.result is None:
        return True
    payment = Payment.objects.filter(account=account, out_trade_no=notification.result.out_trade_no).first()
    if payment is None:
        logger.error("account %s: a notification for an unknown payment", account.pk)
        _note(call, None, "unknown")
        return False
    outcome = settle(
        payment, notification.result, source=OrderEvent.Source.PLATFORM_NOTIFY, request_id=call.event_id
    )
    _note(call, payment, outcome)
    return outcome is not Settlement.INCOMPLETE


def _believe_refund(call: PlatformCall, account: WalletAccount, result: RefundResult) -> bool:
    """A refund of ours is recorded; one that was made in the platform's console is taken over."""
    refund = Refund.objects.filter(payment__account=account, out_refund_no=result.out_refund_no).first()
    if refund is None:
        return _believe_foreign_refund(call, account, result)
    record(refund, result, source=OrderEvent.Source.PLATFORM_NOTIFY, request_id=call.event_id)
    _note(call, refund.payment, str(result.state))
    return True


def _believe_foreign_refund(call: PlatformCall, account: WalletAccount, result: RefundResult) -> bool:
    payment = Payment.objects.filter(account=account, out_trade_no=result.out_trade_no).first()
    source = OrderEvent.Source.PLATFORM_NOTIFY
    if payment is not None and take_over_one(payment, result, source=source, request_id=call.event_id):
        _note(call, payment, str(result.state))
    else:
        logger.error("account %s: a refund that was not made here", account.pk)
        _note(call, payment, "unknown")
    return True


def _keep(account: WalletAccount, notification: PlatformNotification) -> PlatformCall:
    known = PlatformCall.objects.filter(account=account, event_id=notification.event_id)
    try:
        with transaction.atomic():
            return PlatformCall.objects.create(
                account=account,
                event_id=notification.event_id,
                kind=notification.kind,
                body=notification.body,
            )
    except IntegrityError:
        known.update(times_seen=F("times_seen") + 1)
        return known.get()


def _note(call: PlatformCall, payment: Payment | None, outcome: str) -> None:
    """What the first telling came to; repetitions do not overwrite it."""
    if call.outcome in ("", "unknown", Settlement.INCOMPLETE) and outcome != Settlement.ALREADY:
        PlatformCall.objects.filter(pk=call.pk).update(payment=payment, outcome=outcome)
    elif not call.outcome:
        PlatformCall.objects.filter(pk=call.pk, outcome="").update(payment=payment, outcome=outcome)
