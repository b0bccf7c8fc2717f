"""Start a payment: one payable attempt at a time, committed before the platform is called."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.urls import reverse

from scanforpay_django import clock
from scanforpay_django.conf import conf
from scanforpay_django.exceptions import InvalidOrderState, OrderClosed, PlatformRefused, PlatformSaysPaid
from scanforpay_django.flows.apply_payment import ApplyOutcome
from scanforpay_django.flows.close_payment import close_payment, confirm_refusal
from scanforpay_django.flows.configured_wallet import ConfiguredWallet, check_party, configure
from scanforpay_django.flows.find_lost_payments import find_lost_payments, next_attempt
from scanforpay_django.flows.payment_request import attempt_number, make_payment_request, order_reference
from scanforpay_django.flows.query_platform import query_payment
from scanforpay_django.models import Order, Payment
from scanforpay_django.models.database import atomic
from scanforpay_django.models.locks import lock_order
from scanforpay_django.wallets.base import PayAction, Payer, Wallet
from scanforpay_django.wallets.platform_text import storable
from scanforpay_django.wire import ANY_WALLET

# No new attempt that could not be finished before the order's time runs out.
MIN_TIME_LEFT = timedelta(minutes=2)
FIRST_QUERY = timedelta(minutes=1)
MAX_START_ROUNDS = 3


@dataclass(frozen=True, kw_only=True)
class _Plan:
    # the attempt to go on with
    payment: Payment | None = None
    # attempts that must be confirmed closed before there may be another
    to_close: tuple[Payment, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """What a customer at a pay page asks for: through which account, by which product, who and where."""

    configured: ConfiguredWallet
    # the product's name
    product: str
    # None where the product needs no payer
    payer: Payer | None = None
    client_ip: str = ""
    # whether the product leaves our page and has to find the way back
    leaves: bool = False


def start_payment(order: Order, attempt: Attempt) -> PayAction:
    """What the page does to let the customer pay ``order``. Reload, a second tab and pay again all come here.

    Raises OrderClosed (time is up), InvalidOrderState (paid, or another attempt cannot be closed now), PlatformError.
    """
    wallet = attempt.configured.wallet
    find_lost_payments(order)
    never_begun: set[int] = set()
    for _round in range(MAX_START_ROUNDS):
        plan = _plan(order, attempt, wallet, never_begun)
        if plan.payment is not None:
            return _open_payment(wallet, plan.payment)
        for other in plan.to_close:
            outcome = close_payment(other)
            if outcome is ApplyOutcome.NOT_CLOSABLE and _was_left_for_another_wallet(order, attempt, other):
                never_begun.add(other.pk)
            elif outcome is not ApplyOutcome.CLOSED:
                raise InvalidOrderState("another attempt is not closed yet")
    raise InvalidOrderState("another attempt is under way")


def _was_left_for_another_wallet(order: Order, attempt: Attempt, other: Payment) -> bool:
    """Whether the customer tapped one wallet's button, never got to its platform, and has now chosen another wallet.

    What the platform does not know cannot be closed there, and the customer would be locked out of every other wallet
    until the order's time is up. It is watched until then: should both be paid, the second is a duplicate.
    """
    if order.wallet != ANY_WALLET or other.wallet == attempt.configured.backend.wire_name():
        return False
    # A platform that cannot close at all may know it: there the customer may be paying at this moment.
    return configure(other.account).wallet.can_close


def _plan(order: Order, attempt: Attempt, wallet: Wallet, never_begun: Collection[int]) -> _Plan:
    """Under the order's lock: which attempt goes on. A new one is committed here, before any call."""
    payer_id = attempt.payer.id if attempt.payer else ""
    wanted = (attempt.configured.account.pk, attempt.product, payer_id, attempt.client_ip)
    with atomic():
        locked = lock_order(order.pk)
        payments = list(locked.payments.all())
        _check_order_payable(locked, payments)
        unfinished = [
            payment for payment in payments if payment.is_unfinished() and payment.pk not in never_begun
        ]
        for payment in unfinished:
            there = (payment.account_id, payment.product, payment.payer_id, payment.request["client_ip"])
            same = there == wanted
            # What begins with the customer's tap cannot be closed before: it is still the same attempt.
            if same and (
                payment.state != Payment.State.CLOSING or wallet.products[payment.product].opens_on_tap
            ):
                others = tuple(one for one in unfinished if one is not payment)
                if others and locked.wallet == ANY_WALLET:
                    # The customer was here, chose another wallet, and is back.
                    return _Plan(to_close=others)
                payment.account = attempt.configured.account
                return _Plan(payment=payment)
        if unfinished:
            return _Plan(to_close=tuple(unfinished))
        if clock.now() > locked.expires_at - MIN_TIME_LEFT:
            raise OrderClosed("too late for a new attempt")
        payment = _create_payment(locked, attempt, wallet)
        check_party(attempt.configured)
        return _Plan(payment=payment)


def _check_order_payable(order: Order, payments: Sequence[Payment]) -> None:
    if order.state != Order.State.PENDING:
        raise InvalidOrderState(f"the order is {order.state}")
    if order.is_past_expiry():
        raise OrderClosed("the order's time is up")
    if any(payment.state == Payment.State.PAID for payment in payments):
        raise InvalidOrderState("money has arrived for this order already")


def _create_payment(order: Order, attempt: Attempt, wallet: Wallet) -> Payment:
    path = reverse("scanforpay:platform-notify", args=[wallet.slug, attempt.configured.account.public_id])
    place = next_attempt(order)
    number = attempt_number(order, place)
    back = conf.base_url + reverse("scanforpay:back", args=[number]) if attempt.leaves else ""
    return Payment.objects.create(
        order=order,
        out_trade_no=number,
        attempt=place,
        account=attempt.configured.account,
        wallet=attempt.configured.backend.wire_name(),
        product=attempt.product,
        amount=order.amount,
        currency=order.currency,
        payer_id=attempt.payer.id if attempt.payer else "",
        request={
            "title": order.title or order.store.name,
            "notify_url": conf.base_url + path,
            "payer_kind": attempt.payer.kind if attempt.payer else "",
            "client_ip": attempt.client_ip,
            "return_url": back,
            "reference": order_reference(order),
        },
        expires_at=order.expires_at,
        next_query_at=clock.now() + FIRST_QUERY,
    )


def _open_payment(wallet: Wallet, payment: Payment) -> PayAction:
    if payment.prepay and (payment.prepay_is_live() or payment.prepay_expires_at is None):
        return wallet.action(payment.product, payment.prepay)
    try:
        prepay = wallet.create(make_payment_request(payment))
    except PlatformSaysPaid:
        query_payment(payment)
        raise InvalidOrderState("the platform says it is paid") from None
    except PlatformRefused:
        confirm_refusal(payment)
        raise
    payable = [Payment.State.CREATED, Payment.State.OPEN]
    if wallet.products[payment.product].opens_on_tap:
        payable.append(Payment.State.CLOSING)
    opened = Payment.objects.filter(pk=payment.pk, state__in=payable)
    if not opened.update(
        state=Payment.State.OPEN,
        prepay={name: storable(value) for name, value in prepay.data.items()},
        prepay_expires_at=prepay.expires_at,
    ):
        # Another call of the same attempt was refused meanwhile: this one was not, so the trade is there.
        Payment.objects.filter(pk=payment.pk, state=Payment.State.FAILED).update(
            state=Payment.State.CLOSING, next_query_at=clock.now()
        )
        raise InvalidOrderState("the payment moved on while the platform was asked")
    return wallet.action(payment.product, prepay.data)
