"""Staff send a refund another way: from the order's page to the sandbox and back."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from scanforpay_django.flows.poll_platforms import poll_platforms
from scanforpay_django.models import Order, Refund
from scanforpay_django.sandbox import faults
from tests.house import house, merchant, phones
from tests.merchant import Merchant
from tests.people import sign_in
from tests.waiting import wait_for

__all__ = ["house", "merchant", "phones"]
pytestmark = pytest.mark.django_db(transaction=True)
CARD = {"way": "payer_card", "bank": "ICBC_DEBIT", "number": "6222 0202-0011 2233445", "holder": "张三"}


@pytest.fixture
def stuck(merchant: Merchant, phones: Any) -> Refund:
    """A WeChat Pay refund that the sandbox says is abnormal."""
    phone = phones("wechat")
    phone.confirm(phone.open(merchant.create(partnerOrderNo="tea-1")["payUrl"]))
    wait_for(lambda: Order.objects.get().state == "paid")
    faults.arm("refund-abnormal")
    merchant.call("/api/common/refund", {"partnerOrderNo": "tea-1", "refundNo": "r1", "orderAmount": 700})
    wait_for(lambda: bool(poll_platforms()) or Refund.objects.get().state == "payer_unreachable")
    return Refund.objects.get()


def address(name: str = "redirect") -> str:
    return reverse(f"admin:scanforpay_order_{name}", args=[Order.objects.get().pk])


@pytest.mark.parametrize("form", [CARD, {"way": "merchant"}], ids=["card", "merchant"])
def test_it_is_sent_from_the_orders_page_and_arrives(
    stuck: Refund, staff: Client, form: dict[str, str]
) -> None:
    page = staff.get(address("change")).content.decode()
    assert address() in page
    assert "could not reach the payer: send it another way" in page
    assert "工商银行" in staff.get(address()).content.decode()
    said = staff.post(address(), form, follow=True).content.decode()
    assert "sent another way" in said
    assert "6222" not in said
    wait_for(lambda: bool(poll_platforms()) or Refund.objects.get().state == "succeeded")
    page = staff.get(address("change")).content.decode()
    assert ("has to be paid by other means" in page) == (form["way"] == "merchant")
    assert (
        "No refund of this order can be sent another way."
        in staff.get(address(), follow=True).content.decode()
    )


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"number": ""}, "The payer&#x27;s card needs it."),
        ({"holder": " "}, "The payer&#x27;s card needs it."),
        ({"bank": ""}, "The payer&#x27;s card needs it."),
        ({"number": "62220202O011"}, "A card number has digits only."),
        ({"way": ""}, "This field is required."),
    ],
)
def test_a_form_that_lacks_something_says_so(
    stuck: Refund, staff: Client, change: dict[str, str], error: str
) -> None:
    assert error in staff.post(address(), {**CARD, **change}).content.decode()
    assert Refund.objects.get().state == "payer_unreachable"


def test_a_refusal_of_the_platform_is_said_and_stands_in_the_timeline(stuck: Refund, staff: Client) -> None:
    said = staff.post(address(), {**CARD, "number": "6222"}, follow=True).content.decode()
    assert "PARAM_ERROR" in said
    refund = Refund.objects.get()
    assert (refund.state, refund.way) == ("payer_unreachable", "")


def test_it_needs_the_permission_to_refund(stuck: Refund) -> None:
    clerk = sign_in("", "view_order")
    assert clerk.get(address()).status_code == 403
    assert address() not in clerk.get(address("change")).content.decode()


def test_a_card_needs_the_permission_to_refund_above_the_limit(stuck: Refund, merchant: Merchant) -> None:
    clerk = sign_in("", "view_order", "add_refund", store=merchant.store)
    page = clerk.get(address()).content.decode()
    assert "Somebody else sends it there" in page
    assert 'name="number"' not in page
    assert "payer_card is not one of" in clerk.post(address(), CARD).content.decode()
    stuck.refresh_from_db()
    assert (stuck.state, stuck.way) == ("payer_unreachable", "")
    clerk.post(address(), {"way": "merchant"})
    stuck.refresh_from_db()
    assert stuck.way == "merchant"


def test_nobody_sends_a_refund_of_their_own_to_a_card(stuck: Refund, merchant: Merchant) -> None:
    rights = ("view_order", "add_refund", "refund_above_limit")
    clerk = sign_in("", *rights, store=merchant.store)
    Refund.objects.update(source=Refund.Source.STAFF, actor="clerk")
    assert "payer_card is not one of" in clerk.post(address(), CARD).content.decode()
    stuck.refresh_from_db()
    assert stuck.way == ""
    other = sign_in("", *rights, name="other", store=merchant.store)
    other.post(address(), CARD)
    stuck.refresh_from_db()
    assert stuck.way == "payer_card"
