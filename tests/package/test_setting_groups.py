"""Settings of one matter."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from scanforpay_django.conf import conf


def test_the_groups_are_read_live(settings) -> None:
    settings.SCANFORPAY_NOTIFY_MAX_TRIES = 0
    settings.SCANFORPAY_FUND_BILLS = True
    assert (conf.notify_max_attempts, conf.fund_bills) == (1, True)


def test_bills_are_kept_nowhere_by_default(settings) -> None:
    settings.SCANFORPAY_BILL_STORAGE = ""
    assert conf.bill_storage_is_set is False
    with pytest.raises(ImproperlyConfigured, match="SCANFORPAY_BILL_STORAGE"):
        _ = conf.bill_storage
