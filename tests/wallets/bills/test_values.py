"""The values that shapes give, and the rows that hold them."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from scanforpay_django import models
from scanforpay_django.fields import FeeField
from scanforpay_django.wallets.bills import values

pytestmark = pytest.mark.sqlite


def make_line(**changes: object) -> values.BillLine:
    """A payment."""
    line = values.BillLine(
        0, 2, values.BillKind.PAYMENT, "SUCCESS", "N1", "42", "", "", "", datetime(2026, 11, 1, 2, tzinfo=UTC), "CNY",
        2100, "CNY", 2100, 0, 12600, "CNY", "0.60%", "", None, "",
    )  # fmt: skip
    return line._replace(**changes)  # type: ignore[arg-type]


def test_a_fee_is_a_decimal_with_five_decimals() -> None:
    assert make_line().fee == Decimal("0.12600")
    assert make_line(fee_units=None).fee is None


def test_the_rows_have_the_same_words_and_fields() -> None:
    assert {str(kind) for kind in values.BillKind} == set(models.BillLine.Kind.values)
    assert {str(code) for code in values.ProblemCode} == set(models.BillProblem.Code.values)
    columns = [field.name for field in models.BillLine._meta.concrete_fields if not field.primary_key]
    assert columns == ["file", *(name.replace("fee_units", "fee") for name in values.BillLine._fields)]
    assert FeeField.PLACES == values.FEE_PLACES
