"""Bills from a platform's API and from staff."""

import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured

from scanforpay_django import clock
from scanforpay_django.books.fetch_bill import fetch_bill, import_bill
from scanforpay_django.exceptions import BillNotReady, BillRefused
from scanforpay_django.models import BillFile
from scanforpay_django.wallets.bills.amounts import CHINA
from tests.books.bills import account_of, trade_bill, trade_bill_of
from tests.merchant import Merchant
from tests.wallets.bills.samples import zipped
from tests.wallets.conftest import Till, till_of

pytestmark = pytest.mark.django_db(transaction=True)


__all__ = ["till_of"]


@pytest.fixture
def till(till_of: Callable[[str], Till]) -> Till:
    """A direct merchant's account at the sandbox."""
    return till_of("wechat")


def test_a_day_without_trades_is_a_bill_without_lines(till: Till) -> None:
    day = clock.now().astimezone(CHINA).date() - timedelta(days=30)
    bill = fetch_bill(till.account, "trade", day)
    assert (bill.state, bill.source) == ("none", "api")
    assert fetch_bill(till.account, "trade", day) == bill


def test_todays_bill_is_not_ready(till: Till) -> None:
    with pytest.raises(BillNotReady):
        fetch_bill(till.account, "trade", clock.now().astimezone(CHINA).date())
    assert BillFile.objects.count() == 0


def test_without_a_storage_nothing_is_asked(till: Till, settings) -> None:
    settings.SCANFORPAY_BILL_STORAGE = "nowhere"
    with pytest.raises(ImproperlyConfigured):
        fetch_bill(till.account, "trade", clock.now().date())


def test_staff_upload_a_file(merchant: Merchant) -> None:
    bill = import_bill(trade_bill_of(account_of(merchant)), trade_bill(), by="ann")
    assert (bill.source, bill.uploaded_by, bill.state) == ("upload", "ann", "read")


def test_a_spreadsheet_is_refused_and_not_kept(merchant: Merchant) -> None:
    packed = io.BytesIO(zipped(**{"[Content_Types]__xml": b"<x/>"}))
    with pytest.raises(BillRefused, match="spreadsheet"):
        import_bill(trade_bill_of(account_of(merchant)), packed, by="ann")
    assert BillFile.objects.count() == 0
