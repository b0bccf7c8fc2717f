"""Fields of a call: what is an amount and what is a title."""

import hashlib
import json

import pytest

from scanforpay_django.models import Order
from tests.merchant import SIGN_KEY, Merchant, header, order_body

CREATE = "/api/jspay/create"


@pytest.mark.django_db(transaction=True)
def test_a_huge_exponent_as_amount_is_no_500(merchant: Merchant) -> None:
    value = json.dumps({"header": header(), "body": order_body()}).replace("2100", "1e9999999")
    signature = hashlib.sha256((value + SIGN_KEY).encode()).hexdigest()
    answer = merchant.post(CREATE, f'{{"request":{value},"signature":"{signature}"}}'.encode())
    assert json.loads(answer.content)["response"]["body"]["code"] == 6


def test_integral_floats_are_integers(merchant: Merchant) -> None:
    body = order_body(orderAmount=2100)
    value = json.dumps({"header": header(), "body": body}).replace("2100", "2100.0")
    signature = hashlib.sha256((value + SIGN_KEY).encode()).hexdigest()
    answer = merchant.post(CREATE, f'{{"request":{value},"signature":"{signature}"}}'.encode())
    assert json.loads(answer.content)["response"]["body"]["code"] == 1


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("1998.9999999999998", 1999),
        ("434.99999999999994", 435),
        ("2100.0000000000005", 2100),
        ("2.1e3", 2100),
    ],
)
def test_the_noise_of_a_phps_product_is_no_fraction(merchant: Merchant, sent: str, kept: int) -> None:
    assert create_with_amount(merchant, sent) == 1
    assert Order.objects.get().amount == kept


@pytest.mark.parametrize("sent", ["1998.999999", "2100.0000001", "0.5", "1998.999999999", "1e-30"])
def test_nothing_else_is_rounded(merchant: Merchant, sent: str) -> None:
    assert create_with_amount(merchant, sent) == 5


def create_with_amount(merchant: Merchant, text: str) -> int:
    """The code of a create call whose amount is written so."""
    value = json.dumps({"header": header(), "body": order_body(orderAmount=424242)}).replace("424242", text)
    signature = hashlib.sha256((value + SIGN_KEY).encode()).hexdigest()
    answer = merchant.post(CREATE, f'{{"request":{value},"signature":"{signature}"}}'.encode())
    return int(json.loads(answer.content)["response"]["body"]["code"])


def test_long_and_dirty_titles_are_cut_and_cleaned(merchant: Merchant) -> None:
    merchant.create(orderTitle="🍵" * 120 + "\n")
    assert Order.objects.get().title == "🍵" * 100
    merchant.create(orderTitle="a\tb\ud800")
    assert Order.objects.order_by("-pk")[0].title == "a b\ufffd"


def test_1e309_is_refused_by_name(merchant: Merchant) -> None:
    value = json.dumps({"header": header(), "body": order_body()}).replace("2100", "1e309")
    signature = hashlib.sha256((value + SIGN_KEY).encode()).hexdigest()
    answer = json.loads(
        merchant.post(CREATE, f'{{"request":{value},"signature":"{signature}"}}'.encode()).content
    )
    assert answer["response"]["body"]["code"] == 5
