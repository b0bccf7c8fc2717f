"""A platform's event is stored once an account."""

import pytest
from django.db import IntegrityError, transaction

from scanforpay_django.models import PlatformNotification
from tests.merchant import Merchant


def test_an_event_is_stored_once_for_an_account(merchant: Merchant) -> None:
    wechat, alipay = merchant.store.wallet_accounts.order_by("-wallet")
    PlatformNotification.objects.create(account=wechat, event_id="EV-1", body="{}")
    with pytest.raises(IntegrityError), transaction.atomic():
        PlatformNotification.objects.create(account=wechat, event_id="EV-1", body="{}")
    PlatformNotification.objects.create(account=alipay, event_id="EV-1", body="{}")
