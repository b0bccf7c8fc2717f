"""The store's limit of what staff may refund of one order."""

from typing import Any

import pytest

from scanforpay_django.exceptions import RefundTooLarge
from scanforpay_django.flows.refund_order import RequestedRefund, request_refund
from scanforpay_django.models import Cause, Order, Payment, Refund, RefundApproval, Source, Store
from tests.admin.pages import url
from tests.admin.test_order_desk import arrive, opened, page
from tests.merchant import Merchant
from tests.people import sign_in
from tests.scripted import Platform, platform

__all__ = ["platform"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def paid(merchant: Merchant, platform: Platform) -> Payment:
    """21.00 were paid; staff may refund 10.00."""
    Store.objects.update(refund_limit=1000)
    payment = opened(merchant, platform)
    arrive(payment)
    return payment


def refund(client: Any, payment: Payment, amount: str) -> str:
    form = {"_refund": "1", "amount": amount, "reason": "x"}
    return client.post(page(payment.order_id, "refund"), form, follow=True).content.decode()


def refunded() -> list[int]:
    return list(Refund.objects.order_by("pk").values_list("amount", flat=True))


def waiting() -> list[int]:
    return list(RefundApproval.objects.filter(state="waiting").values_list("amount", flat=True))


def test_up_to_the_limit_and_not_above_it_in_several_steps(merchant: Merchant, paid: Payment) -> None:
    client = sign_in("shop manager", store=merchant.store)
    assert 'value="10.00"' in client.get(page(paid.order_id, "refund")).content.decode()
    refund(client, paid, "7.00")
    assert "waits for a second person" in refund(client, paid, "3.01")
    assert (refunded(), waiting()) == ([700], [301])
    refund(client, paid, "3.00")
    assert refunded() == [700, 300]
    refund(client, paid, "0.01")
    assert (refunded(), waiting()) == ([700, 300], [301])


def test_who_may_refund_above_it(merchant: Merchant, paid: Payment) -> None:
    refund(sign_in("accountant", store=merchant.store), paid, "21.00")
    assert refunded() == [2100]


def test_no_limit_is_no_limit(merchant: Merchant, paid: Payment) -> None:
    Store.objects.update(refund_limit=None)
    refund(sign_in("shop manager", store=merchant.store), paid, "21.00")
    assert refunded() == [2100]


def test_a_limit_of_nothing_leaves_nothing_to_one_alone(merchant: Merchant, paid: Payment) -> None:
    Store.objects.update(refund_limit=0)
    client = sign_in("shop manager", store=merchant.store)
    assert 'value="21.00"' in client.get(page(paid.order_id, "refund")).content.decode()
    refund(client, paid, "0.01")
    assert (refunded(), waiting()) == ([], [1])


def test_what_the_merchant_refunds_does_not_count(merchant: Merchant, paid: Payment) -> None:
    Refund.objects.create(partner=merchant.partner, order=paid.order, payment=paid, refund_no="m1", amount=900,
                          currency="CNY", state="succeeded", source="api", next_at=None)  # fmt: skip
    refund(sign_in("shop manager", store=merchant.store), paid, "10.00")
    assert refunded() == [900, 1000]


def test_a_refund_in_another_currency_is_not_added_up(merchant: Merchant, paid: Payment) -> None:
    """A payment of JPY 99,999 that was not applied went back: it is no CNY 999.99."""
    Refund.objects.create(partner=merchant.partner, order=paid.order, payment=paid, kind="mismatch", amount=99_999,
                          currency="JPY", state="succeeded", source="staff", next_at=None)  # fmt: skip
    client = sign_in("shop manager", store=merchant.store)
    assert 'value="10.00"' in client.get(page(paid.order_id, "refund")).content.decode()
    refund(client, paid, "10.00")
    assert refunded() == [99_999, 1000]


def test_another_currency_counts_as_above_it(merchant: Merchant, paid: Payment) -> None:
    Store.objects.update(currency="JPY", refund_limit=10**9)
    refund(sign_in("shop manager", store=merchant.store), paid, "1.00")
    assert (refunded(), waiting()) == ([], [100])


def test_two_at_once_do_not_pass_it(paid: Payment) -> None:
    """Each was checked against the limit before the other was written: the flow looks again under the order's lock."""
    cause = Cause(source=Source.STAFF, actor="clerk")
    order = Order.objects.get()
    request_refund(order, RequestedRefund(refund_no="", amount=600, cause=cause, staff_limit=1000))
    with pytest.raises(RefundTooLarge):
        request_refund(order, RequestedRefund(refund_no="", amount=500, cause=cause, staff_limit=1000))
    assert refunded() == [600]


@pytest.mark.parametrize(
    ("role", "left", "asked"), [("shop manager", [], [2100]), ("accountant", [2100], [])]
)
def test_an_unapplied_payment_above_it(
    merchant: Merchant, platform: Platform, role: str, left: list[int], asked: list[int]
) -> None:
    Store.objects.update(late_payment="keep", refund_limit=2099)
    payment = opened(merchant, platform)
    Order.objects.update(state="closed")
    arrive(payment)
    client = sign_in(role, store=merchant.store)
    assert 'name="_return"' in client.get(page(payment.order_id, "refund")).content.decode()
    client.post(page(payment.order_id, "refund"), {"_return": payment.pk})
    assert (refunded(), waiting()) == (left, asked)


def test_whom_it_holds_for_does_not_raise_it(merchant: Merchant) -> None:
    Store.objects.update(refund_limit=1000)
    store = Store.objects.get()
    form = {"name": "x", "language": "en", "return_method": "post", "late_payment": "keep", "duplicate_payment": "keep",
            "refund_limit": "99999", "is_active": "on"}  # fmt: skip
    for permissions, limit in (((), 1000), (("refund_above_limit",), 99999)):
        client = sign_in("", "view_store", "change_store", *permissions, name=f"c{limit}", store=store)
        assert client.post(url(Store, "change", store.pk), form).status_code == 302
        assert Store.objects.get().refund_limit == limit
