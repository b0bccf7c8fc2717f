"""The figures as Prometheus reads them, by its own parser."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from scanforpay_django.health.exposition import write_metrics
from scanforpay_django.models import Flag
from tests.merchant import Merchant, new_order

pytestmark = pytest.mark.django_db


def test_prometheus_reads_every_family(merchant: Merchant) -> None:
    Flag.objects.create(order=new_order(merchant), kind=Flag.Kind.LATE_PAYMENT)
    families = {family.name: family for family in text_string_to_metric_families(write_metrics())}
    assert {
        "scanforpay_notifications_oldest_due_seconds",
        "scanforpay_deliveries",
        "scanforpay_flags_open",
        "scanforpay_refunds_unfinished",
        "scanforpay_differences_open",
    } <= set(families)
    flags = {sample.labels["kind"]: sample.value for sample in families["scanforpay_flags_open"].samples}
    assert (flags["late_payment"], flags["duplicate_payment"]) == (1, 0)
