"""Platforms notify us: verify, apply and keep the message, acknowledge."""

import logging

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from scanforpay_django.chunked_body import accept_chunks
from scanforpay_django.exceptions import PlatformSignatureInvalid, ScanForPayError
from scanforpay_django.flows.apply_notification import apply_notification
from scanforpay_django.flows.configured_wallet import configure
from scanforpay_django.models import WalletAccount, partner_cache
from scanforpay_django.models.database import non_atomic_requests
from scanforpay_django.models.order import TOKEN
from scanforpay_django.platform_notify.lock_wait import short_lock_wait
from scanforpay_django.platform_notify.overload import has_waited_too_long
from scanforpay_django.wallets.base import Wallet

logger = logging.getLogger(__name__)

MAX_NOTIFICATION_BYTES = 64 * 1024


@csrf_exempt
@require_POST
@non_atomic_requests
def platform_notify(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    """One notification on one account's own path. Acknowledged only after what it says is committed."""
    if has_waited_too_long(request):
        logger.warning("a message has waited too long to be answered in time; the platform will repeat it")
        return HttpResponse(status=503)
    account = partner_cache.notified_accounts.get(public_id) if TOKEN.fullmatch(public_id) else None
    if account is None:
        return HttpResponse(status=404)
    try:
        wallet = configure(account).wallet
    except (ScanForPayError, ImproperlyConfigured):
        logger.exception("account %s cannot be used; the platform will repeat its message", account.pk)
        return HttpResponse(status=503)
    if wallet.slug != slug:
        return HttpResponse(status=404)
    accept_chunks(request, MAX_NOTIFICATION_BYTES)
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
            return apply_notification(account, notification)
    except (DatabaseError, InterfaceError, ScanForPayError):
        logger.exception("a verified notification could not be processed; the platform will repeat it")
        return False
