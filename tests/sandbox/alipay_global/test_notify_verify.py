"""notify_verify at the cross-border gateway."""

from datetime import timedelta

import pytest

from scanforpay_django import clock
from scanforpay_django.sandbox.merchants import issue_alipay_global_credentials
from scanforpay_django.sandbox.models import Merchant, Notice, Trade
from tests.sandbox.families import Mapi


def verify(mapi, notify_id, **changed):
    params = mapi.params("notify_verify", notify_id=notify_id, **changed)
    if "_input_charset" not in changed:
        # its page lists none
        params = {name: value for name, value in params.items() if name not in ("_input_charset", "sign")}
        params = mapi.params(**params, _input_charset="")
        del params["_input_charset"]
    return mapi.client.get(mapi.address, params).content


@pytest.fixture
def notice(mapi):
    mapi.open()
    return Notice.objects.create(trade=Trade.objects.get(), event_id="n1", sent_at=clock.now())


def test_what_was_sent_just_now_is_true(mapi, notice):
    assert verify(mapi, "n1") == b"true"
    assert verify(mapi, "n2") == b"false"


def test_it_is_no_longer_true_after_a_minute_and_again_when_it_is_repeated(mapi, notice):
    Notice.objects.update(sent_at=clock.now() - timedelta(seconds=61))
    assert verify(mapi, "n1") == b"false"
    Notice.objects.update(sent_at=clock.now())
    assert verify(mapi, "n1") == b"true"


def test_another_partners_is_false(mapi, notice, client):
    other = Mapi(client, issue_alipay_global_credentials())
    assert Merchant.objects.count() == 2
    assert verify(other, "n1") == b"false"


def test_an_unsigned_question_is_refused(mapi, notice):
    answer = mapi.client.get(mapi.address, {"service": "notify_verify", "partner": mapi.config["partner"]})
    assert b"ILLEGAL_SIGN" in answer.content
