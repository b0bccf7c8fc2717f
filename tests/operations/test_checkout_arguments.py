"""The arguments of checkout; tests/package/test_checkout.py sends them through create() and refund()."""

from decimal import Decimal
from typing import Any

import pytest

from scanforpay_django.exceptions import FieldInvalid
from scanforpay_django.operations.checkout_arguments import (
    check_lifetime,
    check_metadata,
    check_return_url,
    minor_units,
)


@pytest.mark.parametrize(
    ("amount", "currency", "found"),
    [(2100, "CNY", 2100), (Decimal("21.00"), "CNY", 2100), (Decimal(210), "JPY", 210)],
)
def test_amounts(amount: Any, currency: str, found: int) -> None:
    assert minor_units(amount, currency) == found


@pytest.mark.parametrize("amount", [21.0, "21.00", True, None, Decimal("21.005"), Decimal("NaN")])
def test_what_is_no_amount_names_the_argument(amount: Any) -> None:
    with pytest.raises(FieldInvalid) as refused:
        minor_units(amount, "CNY")
    assert refused.value.params["field"] == "amount"


def test_a_lifetime_is_within_its_bounds() -> None:
    assert [check_lifetime(seconds) for seconds in (None, 1, 600, 10**9)] == [None, 300, 600, 604800]
    with pytest.raises(FieldInvalid):
        check_lifetime(0)


def test_a_path_is_of_this_site(settings: Any) -> None:
    settings.SCANFORPAY_BASE_URL = "https://shop.example"
    assert check_return_url("/thanks/") == "https://shop.example/thanks/"
    assert check_return_url("") == ""


@pytest.mark.parametrize("metadata", [{"a": {1}}, {"a": float("nan")}, {"a": "\0"}, {"a": "x" * 2048}])
def test_metadata_is_what_json_holds(metadata: Any) -> None:
    with pytest.raises(FieldInvalid):
        check_metadata(metadata)
    assert check_metadata({"a": ("b", 1)}) == {"a": ["b", 1]}
