"""What may be done about a difference: each act goes through a flow, and none moves money. Where money has to move,
staff do it on the order's page, with a second person where the store wants one.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scanforpay_django import clock
from scanforpay_django.books.bill_merchants import find_merchant
from scanforpay_django.books.reconcile import DayIsBusy, compare_again
from scanforpay_django.exceptions import ScanForPayError
from scanforpay_django.flows.configured_wallet import configure
from scanforpay_django.flows.import_platform_refund import import_refund
from scanforpay_django.flows.query_platform import query_payment
from scanforpay_django.flows.rebuild_order import rebuild_order
from scanforpay_django.flows.recover_payment import recover_payment
from scanforpay_django.merchant_notify.outbox import resend
from scanforpay_django.models import (
    BillDay,
    Cause,
    Difference,
    Notification,
    Order,
    Payment,
    RebuiltOrder,
    Refund,
    RestoreMark,
    Store,
    WalletAccount,
)
from scanforpay_django.models.derived_numbers import make_reference
from scanforpay_django.wallets.base import RefundState

Kind = Difference.Kind
#: a day of more lines is compared by the worker, and not while staff wait
MAX_COMPARED_AT_ONCE = 50_000


@dataclass(frozen=True, kw_only=True)
class Act:
    """One act that is proposed for a kind of difference."""

    name: str
    # the button's text
    label: Any
    # what was done, for staff. Called outside a transaction; raises ScanForPayError
    do: Callable[[Difference, Cause], str]


def _find_payment(difference: Difference) -> Payment:
    number = difference.details.get("out_trade_no") or difference.number
    payment = Payment.objects.select_related("order", "account").filter(out_trade_no=number).first()
    if payment is None:
        raise ScanForPayError(_("The payment is no longer here: its order may be archived."))
    return payment


def _query(difference: Difference, cause: Cause) -> str:
    payment = _find_payment(difference)
    query_payment(payment, cause)
    payment.refresh_from_db()
    return _("The platform was asked: the payment is %(state)s now.") % {"state": payment.get_state_display()}


def _recover(difference: Difference, cause: Cause) -> str:
    order = Order.objects.filter(order_no=difference.order_no).first() if difference.order_no else None
    if order is None:
        return _rebuild(difference, cause)
    if recover_payment(order, difference.number):
        return _("The payment is on its order again.")
    return _("The platform was asked, and knows no such payment.")


def _rebuild(difference: Difference, cause: Cause) -> str:
    """The order is gone too: what the bill brings back of it names its store."""
    details = difference.details
    names = [details.get(name, "") for name in ("partner_no", "store_no", "partner_order_no", "order_no")]
    reference = make_reference(*names) if all(names) else ""
    stores = Store.objects.filter(store_no=names[1], partner__partner_no=names[0])
    if not reference or not stores.exists() or RestoreMark.objects.newest() is None:
        raise ScanForPayError(
            _("The order is not here: bring it back from a backup, or settle it with the customer by hand.")
        )
    faults = []
    accounts = WalletAccount.objects.filter(store__in=stores, wallet=difference.account.wallet)
    for account in accounts.exclude(secrets_ciphertext=""):
        configured = configure(account)
        try:
            result = replace(configured.wallet.query(difference.number), reference=reference)
        except (ScanForPayError, ImproperlyConfigured) as error:
            # It keeps no other account from being asked.
            faults.append(error)
            continue
        if rebuild_order(configured, result, RebuiltOrder.Source.BILL, cause) is not None:
            return _("The order was made again, with its payment.")
    if faults:
        raise faults[0]
    raise ScanForPayError(_("The platform was asked, and knows no such payment of this store's."))


def _import_refund(difference: Difference, cause: Cause) -> str:
    payment = _find_payment(difference)
    result = configure(payment.account).wallet.query_refund(payment.out_trade_no, difference.number)
    if result.state is RefundState.NOT_FOUND:
        raise ScanForPayError(_("The platform was asked, and knows no such refund."))
    if not import_refund(payment, result, cause):
        raise ScanForPayError(_("The payment is not paid here: ask the platform about it first."))
    return _("The refund is recorded here.")


def _ask_about_refund(difference: Difference, _cause: Cause) -> str:
    refund = Refund.objects.select_related("payment__account").filter(out_refund_no=difference.number).first()
    if refund is None:
        raise ScanForPayError(_("The refund is no longer here: its order may be archived."))
    payment = refund.payment
    result = configure(payment.account).wallet.query_refund(payment.out_trade_no, refund.out_refund_no)
    if not refund.is_final():
        # The worker records the answer, by the rules of a refund that is under way.
        Refund.objects.unfinished().filter(pk=refund.pk).update(next_at=clock.now())
    return _("The platform says of the refund: %(state)s.") % {"state": result.platform_state or result.state}


def _fetch_again(difference: Difference, _cause: Cause) -> str:
    days = BillDay.objects.filter(pk=difference.day_id)
    # What is settled is not asked for any more.
    days.filter(state=BillDay.State.COMPARED).update(state=BillDay.State.BROKEN)
    days.update(next_at=clock.now())
    return _("The worker fetches the bill within five minutes.")


def _resend(difference: Difference, _cause: Cause) -> str:
    notification = Notification.objects.filter(pk=difference.details.get("notification")).first()
    if notification is None or not resend(notification):
        raise ScanForPayError(_("The notification cannot be resent now."))
    return _("The merchant is notified again.")


QUERY = Act(name="query", label=gettext_lazy("Ask the platform and record it"), do=_query)
RECOVER = Act(name="recover", label=gettext_lazy("Bring the payment back"), do=_recover)
IMPORT = Act(name="import", label=gettext_lazy("Record the platform's refund"), do=_import_refund)
ASK = Act(name="ask", label=gettext_lazy("Ask about the refund"), do=_ask_about_refund)
FETCH = Act(name="fetch", label=gettext_lazy("Fetch the bill again"), do=_fetch_again)
RESEND = Act(name="resend", label=gettext_lazy("Resend the notification"), do=_resend)

ACTS: dict[str, Act] = {
    Kind.UNKNOWN_ORDER: RECOVER,
    Kind.PAID_THERE_OPEN_HERE: QUERY,
    Kind.PAID_THERE_CLOSED_HERE: QUERY,
    Kind.MISSING_THERE: QUERY,
    Kind.DOUBLE_PAYMENT: QUERY,
    Kind.REFUND_UNKNOWN: IMPORT,
    Kind.REFUND_MISSING_THERE: ASK,
    Kind.REFUND_FAILED_THERE: ASK,
    Kind.REFUND_PENDING: ASK,
    Kind.BILL_LATE: FETCH,
    Kind.BILL_BROKEN: FETCH,
    Kind.NOT_NOTIFIED: RESEND,
}
#: what staff do about a difference, by its kind
ADVICE: dict[str, Any] = {
    Kind.UNKNOWN_ORDER: gettext_lazy(
        "The order was made here and is not here any more, as after a restored backup. Bring the payment back; where "
        "the order is gone too, settle it with the customer."
    ),
    Kind.PAID_THERE_OPEN_HERE: gettext_lazy(
        "No notification of the payment arrived. Ask the platform: what it answers is recorded, and pays the order."
    ),
    Kind.PAID_THERE_CLOSED_HERE: gettext_lazy(
        "The customer paid while the order was being closed. Ask the platform: a payment is recorded as late, and the "
        "store's rule or staff decide whether it is refunded or accepted."
    ),
    Kind.MISSING_THERE: gettext_lazy(
        "Neither this bill nor those beside it have the payment. Ask the platform; if it says “paid”, write to it with "
        "its transaction number."
    ),
    Kind.AMOUNT: gettext_lazy(
        "Compare with the platform's console. If the bill is right, refund the payment on the order's page or agree on "
        "the rest with the customer."
    ),
    Kind.CURRENCY: gettext_lazy("Compare with the platform's console, and check the account's currencies."),
    Kind.DISCOUNT: gettext_lazy(
        "A coupon of the merchant's own: nothing is missing. The books are net of it."
    ),
    Kind.DOUBLE_PAYMENT: gettext_lazy(
        "Ask the platform, so that the second payment is recorded. Then refund it on the order's page."
    ),
    Kind.DUPLICATE_LINE: gettext_lazy(
        "Compare with the platform's console: one of the lines may be a mistake."
    ),
    Kind.REVOKED_THERE: gettext_lazy(
        "The platform gave the money back. Do not deliver; write to the platform if nobody reversed the payment."
    ),
    Kind.PARTY: gettext_lazy("Check the account's merchant numbers: the money is with another merchant."),
    Kind.NUMBER: gettext_lazy(
        "Compare both numbers in the platform's console: the payment may have been made twice."
    ),
    Kind.REFUND_UNKNOWN: gettext_lazy(
        "The refund was made in the platform's console. Record it here, so that nothing is refunded twice."
    ),
    Kind.REFUND_MISSING_THERE: gettext_lazy(
        "No bill since the request has the refund. Ask the platform; if it does not know it, the customer has no money."
    ),
    Kind.REFUND_AMOUNT: gettext_lazy("Compare with the platform's console what the customer has got."),
    Kind.REFUND_FAILED_THERE: gettext_lazy(
        "The platform could not pay the refund out. Ask about it; then choose another way on the refund's page or in "
        "the platform's console."
    ),
    Kind.REFUND_PENDING: gettext_lazy("Ask the platform; write to it if the refund still does not end."),
    Kind.OVER_REFUNDED: gettext_lazy(
        "Compare the refunds in the platform's console; ask the customer for the rest."
    ),
    Kind.FEE_RATE: gettext_lazy(
        "Write to the platform, or correct the account's agreed rate. Nothing moves here."
    ),
    Kind.FEE_SUM: gettext_lazy("The bill's own total is another than its lines. Write to the platform."),
    Kind.BILL_LATE: gettext_lazy(
        "Fetch the bill again, or download it in the platform's console and upload the file."
    ),
    Kind.BILL_BROKEN: gettext_lazy(
        "Fetch the bill again, or download it in the platform's console and upload the file."
    ),
    Kind.LINE_UNREAD: gettext_lazy(
        "The line counts as nothing. Compare it by hand, and report it to the makers of this software."
    ),
    Kind.NOT_NOTIFIED: gettext_lazy("Resend the notification when the merchant's server answers again."),
    Kind.BILL_CHANGED: gettext_lazy(
        "Compare both versions: what was different is compared with the newer one."
    ),
    Kind.BALANCE: gettext_lazy(
        "A movement is missing in the bill, or its balance is wrong. Write to the platform."
    ),
}


def find_act(difference: Difference) -> Act | None:
    """What is proposed, None where staff act elsewhere."""
    return ACTS.get(difference.kind) if difference.closed_at is None else None


def carry_out(difference: Difference, cause: Cause) -> str:
    """Do what is proposed, and compare the day again; what was done. Called outside a transaction. Raises
    ScanForPayError, and ImproperlyConfigured for an account that cannot be used.
    """
    act = find_act(difference)
    if act is None:
        raise ScanForPayError(_("Nothing is proposed for this difference."))
    text = act.do(difference, cause)
    if act is not FETCH:
        compare_day_again(difference)
    return text


def compare_day_again(difference: Difference) -> None:
    """At once where the day is small; otherwise the worker does it."""
    compare_or_schedule(BillDay.objects.select_related("account__store", "bill").get(pk=difference.day_id))


def compare_or_schedule(day: BillDay, *, at_once: bool = True) -> bool:
    """Whether the day was compared. One that is large, that another process has, or whose bill is not here is due for
    the worker now; so is any with ``at_once=False``. ``day`` comes with its bill and account.
    """
    is_small = (day.bill.line_count if day.bill else 0) <= MAX_COMPARED_AT_ONCE
    if at_once and is_small and _compare(day):
        return True
    BillDay.objects.filter(pk=day.pk).update(next_at=clock.now())
    return False


def _compare(day: BillDay) -> bool:
    try:
        return compare_again(find_merchant(day.account), day).bill is not None
    except DayIsBusy:
        return False
