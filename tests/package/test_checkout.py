"""The project's own orders, from Python."""

import asyncio
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connections, transaction

from scanforpay_django import checkout, clock, handlers
from scanforpay_django.exceptions import (
    FieldInvalid,
    FieldMissing,
    IdempotencyConflict,
    InvalidOrderState,
    NotAuthorised,
    OrderNotFound,
    RefundTooLarge,
)
from scanforpay_django.flows.call_handlers import call_handlers
from scanforpay_django.flows.poll_platforms import poll_platforms
from scanforpay_django.models import HandlerCall, Order, Partner, Refund, Store
from tests.merchant import Merchant
from tests.operations.archive.closed_orders import LONG_AGO, archive
from tests.paid_order import pay
from tests.scripted import Platform, platform, two_wallets

__all__ = ["platform", "two_wallets"]
pytestmark = pytest.mark.django_db(transaction=True)

TOLD: list[tuple[str, str, dict[str, Any]]] = []


def note_paid(order: Order) -> None:
    TOLD.append(("paid", order.partner_order_no, order.metadata))


def note_refunded(order: Order) -> None:
    TOLD.append(("refunded", order.partner_order_no, {"amount": order.refunded_amount}))


def note_closed(order: Order) -> None:
    TOLD.append(("closed", order.partner_order_no, {"state": order.state}))


@pytest.fixture(autouse=True)
def notes() -> Iterator[None]:
    TOLD.clear()
    checkout.on_paid(note_paid)
    checkout.on_refunded(note_refunded)
    checkout.on_closed(atomic=False)(note_closed)
    yield
    for event, function in (("paid", note_paid), ("refunded", note_refunded), ("closed", note_closed)):
        handlers.unregister(event, function)


def make(**changes: Any) -> Order:
    return checkout.create(**{"number": "A-1", "amount": Decimal("21.00"), "title": "Oolong", **changes})


def test_three_lines_to_a_paid_order_and_a_handler(merchant: Merchant, platform: Platform) -> None:
    order = make(return_url="/thanks/", metadata={"cart": 7})
    assert order.pk is not None
    assert order.pay_url == f"http://localhost:8000/api/jspay/pay/{order.token}"
    assert order.qr_svg.startswith("<svg")
    assert (order.state, order.amount, order.currency) == ("pending", 2100, "CNY")
    assert order.return_url == "http://localhost:8000/thanks/"
    assert checkout.get("A-1") == order
    pay(platform, order)
    assert TOLD == []
    for _ in range(2):
        call_handlers()
    assert TOLD == [("paid", "A-1", {"cart": 7})]


def test_the_same_call_again_is_the_same_order(merchant: Merchant, platform: Platform) -> None:
    first = make(metadata={"cart": 7})
    again = make(metadata={"cart": 8})
    assert (again.pk, again.metadata) == (first.pk, {"cart": 7})
    assert make(amount=2100) == first
    with pytest.raises(IdempotencyConflict) as refused:
        make(amount=2101)
    assert refused.value.params["field"] == "amount"
    assert Order.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "error", "field"),
    [
        ({"amount": 21.0}, FieldInvalid, "amount"),
        ({"amount": "21"}, FieldInvalid, "amount"),
        ({"amount": True}, FieldInvalid, "amount"),
        ({"amount": Decimal("21.005")}, FieldInvalid, "amount"),
        ({"amount": Decimal("NaN")}, FieldInvalid, "amount"),
        ({"amount": Decimal(-1)}, FieldInvalid, "amount"),
        ({"amount": 0}, FieldInvalid, "amount"),
        ({"amount": 10**12}, FieldInvalid, "amount"),
        ({"number": "A 1"}, FieldInvalid, "number"),
        ({"number": ""}, FieldMissing, "number"),
        ({"number": "A" * 33}, FieldInvalid, "number"),
        ({"return_url": "javascript:alert(1)"}, FieldInvalid, "return_url"),
        ({"return_url": "//evil.example/"}, FieldInvalid, "return_url"),
        ({"wallet": "Gold"}, FieldInvalid, "wallet"),
        ({"currency": "HKD"}, FieldInvalid, "currency"),
        ({"lifetime_seconds": "30m"}, FieldInvalid, "lifetime_seconds"),
        ({"metadata": {"x": "y" * 2048}}, FieldInvalid, "metadata"),
        ({"metadata": {"x": object()}}, FieldInvalid, "metadata"),
        ({"metadata": {"x": "\u0000"}}, FieldInvalid, "metadata"),
    ],
)
def test_what_the_api_refuses_is_refused_and_named(
    merchant: Merchant, platform: Platform, changes: dict, error: type, field: str
) -> None:
    with pytest.raises(error) as refused:
        make(**changes)
    assert refused.value.params["field"] == field
    assert field in str(refused.value)
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    ("amount", "minor"),
    [(Decimal(21), 2100), (Decimal("2.1E+1"), 2100), (Decimal("0.01"), 1), (Decimal("21.500"), 2150)],
)
def test_decimals_are_exact(merchant: Merchant, platform: Platform, amount: Decimal, minor: int) -> None:
    assert make(amount=amount).amount == minor


def test_it_joins_the_callers_transaction(merchant: Merchant, platform: Platform) -> None:
    def sell() -> None:
        with transaction.atomic():
            make()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        sell()
    assert not Order.objects.exists()


def test_an_inactive_partner_or_store_sells_nothing(merchant: Merchant, platform: Platform) -> None:
    Partner.objects.update(is_active=False)
    for store in (merchant.store, merchant.store.store_no):
        with pytest.raises(NotAuthorised):
            make(store=store)
    Partner.objects.update(is_active=True)
    Store.objects.create(partner=merchant.partner, store_no="9", name="Other")
    with pytest.raises(FieldInvalid) as refused:
        make()
    assert refused.value.params["field"] == "store"
    assert make(store=merchant.store).store == merchant.store


def test_without_a_wallet_the_customer_chooses_and_the_order_is_named_after_the_one_that_paid(
    merchant: Merchant, two_wallets: Platform
) -> None:
    order = make()
    assert order.wallet == "Any"
    assert pay(two_wallets, order).wallet == "Wechat"
    assert make().pk == order.pk
    assert make(number="A-2", wallet="Alipay").wallet == "Alipay"


@pytest.mark.parametrize(
    ("first", "changes", "named"),
    [
        ({}, {"wallet": "Wechat"}, "wallet"),
        ({}, {"amount": 1}, "amount"),
        ({}, {"lifetime_seconds": 900}, "lifetime_seconds"),
        ({"wallet": "Wechat"}, {}, "wallet"),
    ],
)
def test_a_paid_order_of_any_wallet_still_names_what_differs(
    merchant: Merchant, platform: Platform, first: dict, changes: dict, named: str
) -> None:
    pay(platform, make(**first))
    with pytest.raises(IdempotencyConflict) as refused:
        make(**changes)
    assert refused.value.params["field"] == named


def test_a_refund_goes_back_and_is_told(merchant: Merchant, platform: Platform) -> None:
    order = pay(platform, make())
    first = checkout.refund(order, Decimal("7.00"), number="r1", reason="too cold")
    assert checkout.refund(order, 700, number="r1").pk == first.pk
    Refund.objects.update(next_at=clock.now())
    poll_platforms()
    call_handlers()
    assert ("refunded", "A-1", {"amount": 700}) in TOLD
    checkout.refund(order)
    Refund.objects.filter(state="requested").update(next_at=clock.now())
    poll_platforms()
    call_handlers()
    assert ("refunded", "A-1", {"amount": 2100}) in TOLD
    assert checkout.get("A-1").state == "refunded"
    with pytest.raises(FieldInvalid):
        checkout.refund(order)
    with pytest.raises((RefundTooLarge, InvalidOrderState)):
        checkout.refund(order, 1)


def test_closing_is_told_and_wants_no_transaction(merchant: Merchant, platform: Platform) -> None:
    order = make()
    with transaction.atomic(), pytest.raises(RuntimeError):
        checkout.close(order)
    assert checkout.close(order).state == "closed"
    call_handlers()
    assert TOLD == [("closed", "A-1", {"state": "closed"})]


def test_an_unknown_number_is_not_found(merchant: Merchant, platform: Platform) -> None:
    with pytest.raises(OrderNotFound):
        checkout.get("nobody")


def test_the_async_twins(merchant: Merchant, platform: Platform) -> None:
    async def shop() -> Order:
        try:
            await checkout.acreate(number="A-1", amount=2100)
            return await checkout.aclose(await checkout.aget("A-1"))
        finally:
            # Of the thread that the calls ran in; a server ends it with the request.
            await sync_to_async(connections.close_all)()

    assert asyncio.run(shop()).state == "closed"


def test_orders_of_others_have_no_metadata_and_no_handler_is_lost(
    merchant: Merchant, platform: Platform
) -> None:
    merchant.create(partnerOrderNo="p1")
    pay(platform, Order.objects.get())
    call_handlers()
    assert TOLD == [("paid", "p1", {})]
    assert HandlerCall.objects.get().state == "done"


def test_all_that_is_left_is_the_same_refund_when_it_is_asked_for_again(
    merchant: Merchant, platform: Platform
) -> None:
    order = pay(platform, make())
    checkout.refund(order, 700)
    rest = checkout.refund(order, number="rest")
    assert rest.amount == 1400
    Refund.objects.update(next_at=clock.now())
    poll_platforms()
    assert checkout.get("A-1").state == "refunded"
    assert checkout.refund(order, number="rest").pk == rest.pk


@pytest.mark.django_db(transaction=True)
def test_an_archived_orders_number_is_not_used_again(merchant: Merchant, tmp_path: Path) -> None:
    order = checkout.create(number="old", amount=2100, store=merchant.store)
    Order.objects.filter(pk=order.pk).update(state="closed", created_at=LONG_AGO)
    assert archive(tmp_path / "old.jsonl.gz").totals.orders == 1
    with pytest.raises(IdempotencyConflict) as refused:
        checkout.create(number="old", amount=2100, store=merchant.store)
    assert refused.value.params["field"] == "number"
