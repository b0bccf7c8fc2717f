"""Statistics of endpoints."""

import pytest

from scanforpay_django.merchant_notify.delivery import drain
from scanforpay_django.models import Endpoint
from tests.rows import Rows
from tests.transport.zoo import Zoo, closed_port


@pytest.mark.django_db(transaction=True)
def test_statistics_are_kept(rows: Rows, zoo: Zoo) -> None:
    store = rows.store()
    for _ in range(3):
        rows.notification(zoo.answering(b"success"), store)
    rows.notification(f"http://127.0.0.1:{closed_port()}/", store)
    drain()
    found = sorted(Endpoint.objects.values_list("delivered_count", "failed_count"))
    assert found == [(0, 1), (1, 0), (1, 0), (1, 0)]
    best = Endpoint.objects.filter(delivered_count=1)[0]
    assert best.success_rate == 1
    assert best.median_ms is not None
    assert best.delivered_at is not None
