"""Notifications of the cross-border gateway."""

import pytest

from scanforpay_django.sandbox import faults, notify
from tests.sandbox.families import Mapi, form_of


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("quick_repeats")
def test_its_notification_verifies(mapi, confirm, listener):
    listener.answers = [(200, b"success")]
    confirm(mapi.open(notify_url=listener.url))
    assert notify.wait_until_idle(10)
    fields = form_of(listener.received[0][1])
    mapi.verify(fields, fields["sign"])
    assert (fields["trade_status"], fields["notify_type"]) == ("TRADE_FINISHED", "trade_status_sync")
    assert set(mapi.config) == {"partner", "alipay_public_key"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("quick_repeats")
def test_the_other_gateway_lies_too(client, listener, confirm):
    from scanforpay_django.sandbox.merchants import issue_alipay_global_credentials

    mapi = Mapi(client, issue_alipay_global_credentials())
    listener.answers = [(200, b"success")]
    for name in ("wrong-amount", "wrong-currency", "wrong-merchant"):
        faults.arm(name)
    confirm(mapi.open(notify_url=listener.url))
    assert notify.wait_until_idle(10)
    told = form_of(listener.received[0][1])
    mapi.verify(told, told["sign"])
    assert (told["total_fee"], told["currency"]) == ("21.01", "USD")
    assert told["seller_id"] != mapi.config["partner"]
