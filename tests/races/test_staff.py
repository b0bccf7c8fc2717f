"""What staff do, raced against each other and against the worker, with real threads on a real database."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.urls import reverse

from scanforpay_django import clock
from scanforpay_django.exceptions import InvalidOrderState
from scanforpay_django.flows.accept_late import accept_late_payment
from scanforpay_django.flows.approve_refund import approve, request_approval
from scanforpay_django.flows.carry_out_refund import carry_out
from scanforpay_django.models import (
    Flag,
    Notification,
    Order,
    Payment,
    Refund,
    RefundApproval,
    SignKey,
    WalletAccount,
)
from scanforpay_django.operations.set_up.live_account import switch_on
from tests.admin.test_order_desk import arrive, opened
from tests.flows.test_accept_late import BY_STAFF, arrive_late
from tests.merchant import Merchant
from tests.people import sign_in
from tests.platform import give_credentials
from tests.scripted import Platform, platform
from tests.threads import raced

__all__ = ["platform"]
pytestmark = [pytest.mark.row_locks, pytest.mark.django_db(transaction=True), pytest.mark.slow]


def accept() -> bool:
    try:
        accept_late_payment(Payment.objects.get(), BY_STAFF, reason="x")
    except InvalidOrderState:
        return False
    return True


def take_turns(*works: Callable[[], Any]) -> Callable[[], Any]:
    """Each thread gets the next one."""
    left = list(works)
    return lambda: left.pop()()


def test_accepting_a_late_payment_races_its_automatic_refund(merchant: Merchant, platform: Platform) -> None:
    """Whoever is first, the money is either kept or refunded, never both."""
    arrive_late(merchant, platform, late="refund")
    outcomes = set()
    for _round in range(25):
        platform.refunds.clear()
        Notification.objects.all().delete()
        Order.objects.update(state="closed", paid_at=None)
        Payment.objects.update(is_applied=False, is_unapplied=True, refunded_amount=0, reserved_amount=2100)
        Refund.objects.update(
            state="requested", sent_at=None, finished_at=None, next_at=clock.now(), step_count=0, lease_token="",
            platform_code="",
        )  # fmt: skip
        raced(4, take_turns(accept, lambda: carry_out(Refund.objects.get()), accept,
                            lambda: carry_out(Refund.objects.get())))  # fmt: skip
        order, payment, refund = Order.objects.get(), Payment.objects.get(), Refund.objects.get()
        outcomes.add(order.state)
        if order.state == "paid":
            assert (payment.is_applied, payment.reserved_amount, payment.refunded_amount) == (True, 0, 0)
            assert (refund.state, platform.refunds) == ("failed", {})
            assert Notification.objects.count() == 1
        else:
            assert (payment.is_applied, payment.reserved_amount, payment.refunded_amount) == (False, 0, 2100)
            assert (refund.state, list(platform.refunds.values())) == ("succeeded", [2100])
            assert not Notification.objects.exists()
    assert outcomes <= {"paid", "closed"}


def test_a_late_payment_is_accepted_once(merchant: Merchant, platform: Platform) -> None:
    arrive_late(merchant, platform)
    assert sorted(raced(6, accept)) == [False] * 5 + [True]
    assert Notification.objects.count() == 1
    assert Order.objects.get().events.filter(to_state="paid", from_state="closed").count() == 1


def test_two_who_approve_at_once_refund_once(
    merchant: Merchant, platform: Platform, django_user_model: Any
) -> None:
    arrive(opened(merchant, platform))
    asker = django_user_model.objects.create_user("asker")
    for round_ in range(10):
        waits = request_approval(
            Order.objects.get(), amount=100, reason=str(round_), user=asker, cause=BY_STAFF
        )
        others = [django_user_model.objects.create_user(f"other{round_}-{n}") for n in range(4)]

        def confirm(waits: RefundApproval = waits, others: list[Any] = others) -> bool:
            try:
                carry_out(approve(waits, user=others.pop(), cause=BY_STAFF))
            except InvalidOrderState:
                return False
            return True

        assert sorted(raced(4, confirm)) == [False, False, False, True]
    assert list(platform.refunds.values()) == [100] * 10
    assert Order.objects.get().refunded_amount == 1000


def test_two_who_request_at_once_are_one_request(
    merchant: Merchant, platform: Platform, django_user_model: Any
) -> None:
    arrive(opened(merchant, platform))
    asker, order = django_user_model.objects.create_user("asker"), Order.objects.get()

    def ask() -> bool:
        try:
            request_approval(order, amount=100, reason="x", user=asker, cause=BY_STAFF)
        except InvalidOrderState:
            return False
        return True

    assert sorted(raced(4, ask)) == [False, False, False, True]
    assert RefundApproval.objects.count() == Flag.objects.count() == 1


def test_accounts_that_are_switched_on_at_once_leave_one_active(merchant: Merchant) -> None:
    give_credentials(merchant)
    first = merchant.store.wallet_accounts.get(wallet="Wechat")
    accounts = [first]
    for number in range(3):
        other = WalletAccount(store=first.store, wallet="Wechat", name=str(number), is_active=False)
        other.config = first.config
        other.set_secrets(first.secrets())
        other.save()
        accounts.append(other)
    raced(4, take_turns(*(partial(switch_on, account) for account in accounts)))
    assert WalletAccount.objects.filter(wallet="Wechat", is_active=True).count() == 1


def test_a_partners_key_that_is_made_twice_at_once_is_one(merchant: Merchant) -> None:
    SignKey.objects.all().delete()
    clients = [sign_in("operator", name=f"op{number}") for number in range(4)]
    place = reverse("admin:scanforpay_set_up_key", args=[merchant.partner.pk])
    answers = raced(4, take_turns(*(partial(client.post, place) for client in clients)))
    assert sorted(answer.status_code for answer in answers) == [200, 302, 302, 302]
    assert SignKey.objects.count() == 1
