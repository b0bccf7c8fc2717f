"""Races of refunds, requests and accounts with real threads on a real PostgreSQL."""

import json
import threading
from collections.abc import Callable

import pytest
from django.db import transaction

from scanforpay_django import clock
from scanforpay_django.exceptions import InvalidOrderState, PlatformTimeout
from scanforpay_django.flows.carry_out_refund import carry_out
from scanforpay_django.flows.configured_wallet import find_order_wallets
from scanforpay_django.flows.import_platform_refund import import_refund
from scanforpay_django.flows.start_payment import Attempt, start_payment
from scanforpay_django.models import NumberKey, Order, Payment, Refund, SeenRequest, WalletAccount
from scanforpay_django.models.derived_numbers import derive_out_trade_no
from scanforpay_django.wallets.base import Payer, RefundResult, RefundState
from tests.causes import NOTIFICATION
from tests.merchant import Merchant, envelope, header
from tests.paid_order import figures, order, quick, refund
from tests.races.test_races import together
from tests.scripted import Platform, platform
from tests.threads import raced

__all__ = ["order", "platform", "quick"]
pytestmark = [pytest.mark.row_locks, pytest.mark.django_db(transaction=True), pytest.mark.slow]

THREADS = 8


def test_one_of_many_workers_takes_a_refunds_step(
    merchant: Merchant, order: Order, platform: Platform
) -> None:
    platform.script["refund"] = PlatformTimeout()
    refund(merchant)
    calls: list[str] = []

    def count(real: Callable[[], object]) -> object:
        calls.append("asked")
        return real()

    for _round in range(10):
        platform.script = {"query_refund": count, "refund": PlatformTimeout()}
        Refund.objects.update(next_at=clock.now())
        calls.clear()
        raced(THREADS, lambda: carry_out(Refund.objects.get()))
        assert len(calls) == 1


def test_one_console_refund_told_many_times_at_once_is_one(
    merchant: Merchant, order: Order, platform: Platform
) -> None:
    told = RefundResult(
        out_refund_no="console", state=RefundState.SUCCEEDED, amount=700, refund_id="id", out_trade_no="t"
    )
    payment = Payment.objects.get()
    assert raced(THREADS, lambda: import_refund(payment, told, NOTIFICATION)) == [True] * THREADS
    assert figures() == (700, 700, 0)
    assert Refund.objects.count() == 1


def test_identical_refund_calls_at_once_start_one(
    merchant: Merchant, order: Order, platform: Platform
) -> None:
    raw = envelope(header(), {"partnerOrderNo": "p1", "refundNo": "r1", "orderAmount": 700})
    told = raced(
        20, lambda: json.loads(merchant.post("/api/common/refund", raw).content)["response"]["body"]["code"]
    )
    assert set(told) == {1}
    assert list(platform.refunds.values()) == [700]
    assert SeenRequest.objects.count() == 1


def test_the_key_of_numbers_is_made_once(merchant: Merchant) -> None:
    NumberKey.objects.all().delete()
    assert len(set(raced(THREADS, lambda: derive_out_trade_no("1", "p1", 1)))) == 1
    assert NumberKey.objects.count() == 1


def test_an_account_is_given_to_another_merchant_or_used_never_both(
    merchant: Merchant, platform: Platform
) -> None:
    """Staff save another merchant number at the moment in which a customer opens the page."""
    account = WalletAccount.objects.get(wallet="Wechat")
    for number in range(20):
        Payment.objects.all().delete()
        WalletAccount.objects.filter(pk=account.pk).update(config={"mchid": "old"})
        merchant.create(partnerOrderNo=f"p{number}")
        found = Order.objects.select_related("store", "partner").get(partner_order_no=f"p{number}")
        attempt = Attempt(
            configured=find_order_wallets(found)[0], product="page", payer=Payer(id="a", kind="openid")
        )
        may_go = threading.Event()

        def opens(attempt: Attempt = attempt, found: Order = found, may_go: threading.Event = may_go) -> str:
            may_go.wait(5)
            try:
                start_payment(found, attempt)
            except InvalidOrderState:
                return "refused"
            return "used"

        def changes(may_go: threading.Event = may_go) -> str:
            with transaction.atomic():
                locked = WalletAccount.objects.select_for_update().get(pk=account.pk)
                may_go.set()
                if locked.payments.exists():
                    return "kept"
                locked.config = {"mchid": "new"}
                locked.save()
                return "changed"

        outcomes = together(opens, changes)
        assert sorted(map(str, outcomes)) in (["changed", "refused"], ["kept", "used"])
