"""Why orders stay; that they do is tested with the run itself."""

import pytest

from scanforpay_django.models import Order
from scanforpay_django.operations.archive.stay import REASONS, find_reason_to_stay
from tests.operations.archive.test_archive_orders import STAYS


def test_every_reason_is_tested() -> None:
    assert list(STAYS) == [reason for reason, _model, _holds in REASONS]


@pytest.mark.parametrize("state", sorted(set(Order.State.values) - {"pending"}))
def test_a_closed_order_may_go(state: str) -> None:
    assert find_reason_to_stay({Order: [Order(state=state)]}) == ""
