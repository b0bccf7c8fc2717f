"""Finding orders in a file."""

from pathlib import Path

import pytest

from scanforpay_django.operations.archive.look_up import find_orders, list_orders
from tests.operations.archive.closed_orders import archive, make_orders, path
from tests.rows import Rows

__all__ = ["path"]
pytestmark = pytest.mark.django_db(transaction=True)


def test_orders_are_found_by_either_number(rows: Rows, path: Path) -> None:
    first, second = make_orders(rows, 2)
    archive(path, batch=1)
    assert [order["order_no"] for order in list_orders(path)] == [first.order_no, second.order_no]
    for number in (second.order_no, second.partner_order_no):
        ((entry, found),) = find_orders(path, {number})
        assert (entry.order_no, found["Payment"][0]["paid_amount"]) == (second.order_no, 2100)
    assert list(find_orders(path, {"nobody's"})) == []
