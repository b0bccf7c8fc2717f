"""A real payment of the smallest amount through one account, and its refund: the last step of the go-live list."""

import enum
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from scanforpay_django import clock, money
from scanforpay_django.exceptions import AccountMissing, PaymentsStopped, ScanForPayError
from scanforpay_django.flows.carry_out_refund import carry_out
from scanforpay_django.flows.configured_wallet import configure, find_wallets
from scanforpay_django.flows.create_order import OrderContent, create_order
from scanforpay_django.flows.query_platform import query_payment_throttled
from scanforpay_django.flows.refund_order import RequestedRefund, request_refund
from scanforpay_django.models import Cause, GoLiveCheck, Order, Refund, StepResult, WalletAccount
from scanforpay_django.models.database import atomic
from scanforpay_django.operations.error_text import describe_error
from scanforpay_django.operations.set_up.go_live import TRIAL, get_subject

#: one minor unit: a fen, a cent, a yen
AMOUNT = 1
LIFETIME_SECONDS = 1800
REASON = "go-live test"

PAID_AND_BACK = gettext_noop("%(amount)s was paid at %(paid_at)s, and has gone back.")
PAID = gettext_noop("%(amount)s was paid at %(paid_at)s. Refund it.")
COMES_BACK = gettext_noop("%(amount)s was paid at %(paid_at)s, and is on its way back.")
REFUND_FAILED = gettext_noop("%(amount)s was paid at %(paid_at)s. The platform refused to refund it.")
NOT_PAID = gettext_noop("The code was not paid in time.")
TITLE = _("Test payment")
IS_OFF = _("Switch the account on first: a payment begins with active accounts only.")
NOT_THIS_ONE = _("The store's orders of this wallet and currency go to another account of it.")


class Stage(enum.StrEnum):
    """How far it is."""

    NONE = "none"
    WAITING = "waiting"
    PAID = "paid"
    COMING_BACK = "coming_back"
    REFUND_FAILED = "refund_failed"
    DONE = "done"
    OVER = "over"


#: no other one begins before its money is back, or its code has run out
UNFINISHED = (Stage.WAITING, Stage.PAID, Stage.COMING_BACK, Stage.REFUND_FAILED)


@dataclass(frozen=True, kw_only=True)
class Trial:
    """The newest real payment of an account's go-live list."""

    stage: Stage
    order: Order | None = None
    refund: Refund | None = None


class TrialRefused(Exception):
    """It cannot begin; the text is for people."""


def find_trial(account: WalletAccount) -> Trial:
    """How the newest one stands: at most three statements."""
    pk = (
        GoLiveCheck.objects.filter(account=account, step=TRIAL.name)
        .values_list("order_pk", flat=True)
        .first()
    )
    own = Order.objects.select_related("store", "partner").filter(store_id=account.store_id, amount=AMOUNT)
    order = own.filter(pk=pk).first() if pk else None
    if order is None:
        return Trial(stage=Stage.NONE)
    refund = order.refunds.order_by("-pk").first() if order.paid_at else None
    return Trial(stage=_find_stage(order, refund), order=order, refund=refund)


def _find_stage(order: Order, refund: Refund | None) -> Stage:
    if order.state == Order.State.PENDING:
        return Stage.WAITING if order.expires_at > clock.now() else Stage.OVER
    if order.state == Order.State.REFUNDED:
        return Stage.DONE
    if order.state != Order.State.PAID:
        return Stage.OVER
    if refund is None:
        return Stage.PAID
    return Stage.REFUND_FAILED if refund.state == Refund.State.FAILED else Stage.COMING_BACK


def find_currency(account: WalletAccount) -> str:
    """The first currency in which an order of the store goes to this very account. Raises TrialRefused."""
    if not account.is_active:
        raise TrialRefused(IS_OFF)
    try:
        configured = configure(account)
        others = find_wallets(account.store, configured.backend.wire_name())
    except (AccountMissing, PaymentsStopped) as error:
        raise TrialRefused(describe_error(error)) from error
    for currency in account.currency_list():
        takers = [one.account.pk for one in others if currency in one.currencies]
        if takers[:1] == [account.pk]:
            return currency
    raise TrialRefused(NOT_THIS_ONE)


def start_trial(account: WalletAccount) -> Order:
    """An order of the smallest amount; the one that is not finished, where there is one.

    Raises TrialRefused, RequestRefused.
    """
    # Read first: what another press begins from here on has the number that follows from it, as ours has.
    before = _read_order_pk(account)
    trial = find_trial(account)
    if trial.order is not None and trial.stage in UNFINISHED:
        return trial.order
    currency = find_currency(account)
    with atomic():
        order = create_order(account.store.partner, account.store, _describe(account, currency, before or 0))
        # Two who press at once make one order: its number follows from the one before.
        GoLiveCheck.objects.begin_trial(account, TRIAL.name, order_pk=order.pk, before=before)
    return order


def _read_order_pk(account: WalletAccount) -> int | None:
    rows = GoLiveCheck.objects.filter(account=account, step=TRIAL.name)
    return rows.values_list("order_pk", flat=True).first()


def _describe(account: WalletAccount, currency: str, before: int) -> OrderContent:
    # The customer reads it, and the merchant in its list of orders.
    with translation.override(account.store.language):
        title = str(TITLE)
    return OrderContent(
        entry=Order.Entry.LINK,
        partner_order_no=f"golive-{account.pk}-{before}"[:32],
        wallet=configure(account).backend.wire_name(),
        amount=AMOUNT,
        currency=currency,
        title=title,
        lifetime_seconds=LIFETIME_SECONDS,
    )


def refund_trial(account: WalletAccount, cause: Cause) -> Trial:
    """Send all of it back the way it came; a refund that failed starts anew. Call it outside a transaction.

    Raises ScanForPayError or ImproperlyConfigured.
    """
    trial = find_trial(account)
    if trial.order is not None and trial.stage in (Stage.PAID, Stage.REFUND_FAILED):
        newest = trial.refund.pk if trial.refund else 0
        requested = RequestedRefund(refund_no="", amount=AMOUNT, cause=cause, reason=REASON, newest=newest)
        carry_out(request_refund(trial.order, requested))
    return follow_trial(account)


def follow_trial(account: WalletAccount) -> Trial:
    """Ask the platform where it has not said its last word, and keep how it stands. Call it outside a transaction."""
    _ask(find_trial(account))
    trial = find_trial(account)
    result = _describe_result(account, trial)
    if result is not None:
        with atomic():
            GoLiveCheck.objects.record(account, [result], clock.now())
    return trial


def _ask(trial: Trial) -> None:
    """What is not answered is asked again later."""
    try:
        if trial.stage is Stage.WAITING and trial.order is not None:
            for payment in trial.order.payments.unfinished().select_related("account", "order"):
                query_payment_throttled(payment)
        elif trial.stage is Stage.COMING_BACK and trial.refund is not None:
            carry_out(trial.refund)
    except (ScanForPayError, ImproperlyConfigured):
        return


def _describe_result(account: WalletAccount, trial: Trial) -> StepResult | None:
    """None before there is one, and while the code waits."""
    states = GoLiveCheck.State
    known = {
        Stage.DONE: (states.OK, PAID_AND_BACK),
        Stage.PAID: (states.UNKNOWN, PAID),
        Stage.COMING_BACK: (states.UNKNOWN, COMES_BACK),
        Stage.REFUND_FAILED: (states.FAILED, REFUND_FAILED),
        Stage.OVER: (states.UNKNOWN, NOT_PAID),
    }
    if trial.order is None or trial.stage not in known:
        return None
    state, seen = known[trial.stage]
    order = trial.order
    details: dict[str, Any] = {"amount": money.with_code(order.amount, order.currency)}
    details["paid_at"] = order.paid_at.isoformat() if order.paid_at else ""
    return StepResult(
        step=TRIAL.name, state=state, seen=seen, details=details, subject=get_subject(account, TRIAL)
    )
