"""Send a refund whose payer could not be reached another way: to a card of the payer's, or to the merchant."""

import secrets
from datetime import timedelta

from django.db import DatabaseError
from django.db.models import Q
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.debug import sensitive_variables

from scanforpay_django.exceptions import InvalidOrderState, PlatformRefused, PlatformUnreachable
from scanforpay_django.flows.configured_wallet import configure
from scanforpay_django.flows.record_refund import leased_refund, record_refund_result, schedule_next_poll
from scanforpay_django.models import Cause, Refund
from scanforpay_django.models.database import atomic
from scanforpay_django.models.locks import lock_order
from scanforpay_django.models.moments import database_now, due_moment
from scanforpay_django.wallets.base import BankAccount, RefundRedirect, RefundState, Wallet
from scanforpay_django.wallets.registry import find_wallet_class

# one call, to two hosts in turn; renewed between the query and the redirect
LEASE = timedelta(seconds=90)
MOVED_ON = gettext_noop("The refund has moved on at the platform meanwhile: look at it again.")
BUSY = gettext_noop("The refund is being asked about right now: try again in a minute.")


def may_be_redirected(refund: Refund) -> bool:
    """Whether its payer could not be reached, and its wallet knows another way."""
    backend = find_wallet_class(refund.payment.wallet)
    return (
        refund.state == Refund.State.PAYER_UNREACHABLE
        and backend is not None
        and backend.can_redirect_refunds
    )


@sensitive_variables()
def redirect_refund(refund: Refund, account: BankAccount | None, cause: Cause) -> None:
    """Ask the platform how the refund stands, and where it still does not reach its payer, send it to ``account``;
    None: to the merchant's bank account. The account's number and holder are kept nowhere.

    Raises InvalidOrderState when the refund is no such one any more or another process is at it, and PlatformError.
    """
    leased = _lease(refund)
    try:
        _redirect(leased, configure(leased.payment.account).wallet, account, cause)
    except DatabaseError:
        raise
    except Exception:
        # Asked soon: the platform may have taken it although its answer did not come.
        schedule_next_poll(leased, leased.state, leased.platform_code)
        raise


def _lease(refund: Refund) -> Refund:
    token = secrets.token_hex(16)
    free = Q(lease_token="") | Q(next_at__lte=due_moment())
    stuck = Refund.objects.filter(free, pk=refund.pk, state=Refund.State.PAYER_UNREACHABLE)
    # The waits begin anew with this step: its outcome is asked for soon.
    if not stuck.update(next_at=database_now() + LEASE, lease_token=token, step_count=1):
        raise InvalidOrderState(gettext(BUSY))
    return Refund.objects.select_related("payment__account", "order").get(pk=refund.pk, lease_token=token)


@sensitive_variables()
def _redirect(refund: Refund, wallet: Wallet, account: BankAccount | None, cause: Cause) -> None:
    known = wallet.query_refund(refund.payment.out_trade_no, refund.out_refund_no)
    if known.state is not RefundState.PAYER_UNREACHABLE:
        record_refund_result(refund, known, cause, lease=refund.lease_token)
        raise InvalidOrderState(gettext(MOVED_ON))
    # Written down before it is sent: a process that dies after the call leaves no refund whose way is not known.
    _record_way(refund, account, cause)
    redirect = RefundRedirect(out_refund_no=refund.out_refund_no, refund_id=known.refund_id, account=account)
    try:
        result = wallet.redirect_refund(redirect)
    except (PlatformRefused, PlatformUnreachable):
        leased_refund(refund).update(way=refund.way)
        raise
    record_refund_result(refund, result, cause, lease=refund.lease_token)


def _record_way(refund: Refund, account: BankAccount | None, cause: Cause) -> None:
    way = Refund.Way.MERCHANT if account is None else Refund.Way.PAYER_CARD
    with atomic():
        order = lock_order(refund.order_id)
        # The lease begins anew: the query may have taken long, and no other process asks while this one sends.
        if not leased_refund(refund).update(way=way, next_at=database_now() + LEASE):
            raise InvalidOrderState(gettext(MOVED_ON))
        order.record_event(cause, {"act": "redirect", **refund.event_data(), "way": way})
