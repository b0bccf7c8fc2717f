"""Every value comes back as it was."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import models

from scanforpay_django.models import Logo, Order, OrderMetadata
from scanforpay_django.operations.archive.json_values import decode_row, decode_value, encode_row, field_names
from scanforpay_django.operations.archive.order_rows import PARTS
from tests.browser.pictures import png
from tests.operations.archive.closed_orders import busy, closed, platform

__all__ = ["busy", "closed", "platform"]


def through_json(row: models.Model) -> Any:
    model = type(row)
    return decode_row(model, field_names(model), json.loads(json.dumps(encode_row(row))))


def stored(row: models.Model) -> dict[str, Any]:
    return {name: getattr(row, name) for name in field_names(type(row))}


@pytest.mark.django_db(transaction=True)
def test_rows_of_every_table_survive(closed: Any) -> None:
    for part in PARTS:
        rows = list(part.rows.all())
        assert rows
        assert [stored(through_json(row)) for row in rows] == [stored(row) for row in rows]


@pytest.mark.django_db
def test_bytes_survive() -> None:
    logo = Logo.objects.keep(png(64, 64))
    assert bytes(through_json(logo).content) == bytes(logo.content)


@pytest.mark.parametrize("text", ["", "None", "null", "\u2028 \x7f 🍵", "a\\u0000", '"', "1"])
def test_texts_survive(text: str) -> None:
    assert through_json(Order(title=text, expires_at=datetime.now(UTC))).title == text


@pytest.mark.parametrize("value", [None, 0, 2**63 - 1, -1])
def test_integers_and_null_survive(value: int | None) -> None:
    assert through_json(Order(goods_amount=value, expires_at=datetime.now(UTC))).goods_amount == value


@pytest.mark.parametrize("data", [{}, [], "", 0, False, {"a": [None, True, 0.1, 1e300, {"": "é"}]}])
def test_json_survives(data: Any) -> None:
    row = through_json(OrderMetadata(data=data))
    assert (row.data, type(row.data)) == (data, type(data))


def test_moments_keep_their_microseconds_and_are_utc() -> None:
    moment = datetime(2024, 2, 29, 23, 59, 59, 123457, tzinfo=UTC)
    row = through_json(Order(expires_at=moment, paid_at=None))
    assert (row.expires_at, row.expires_at.utcoffset().total_seconds(), row.paid_at) == (moment, 0, None)


def test_a_key_is_read_by_the_field_that_it_refers_to() -> None:
    assert decode_value(Order._meta.get_field("partner"), "7") == 7
